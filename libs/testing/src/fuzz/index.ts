export { type CampaignOptions, type CampaignResult, type Finding, runCampaign } from './campaign.ts';
export { fuzzFiles } from './known.ts';
