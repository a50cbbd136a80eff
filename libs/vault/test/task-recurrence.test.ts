import { describe, expect, test } from 'vitest';
import { nextOccurrence, nextTaskText, parseTaskText, printTaskText, readRecurrence } from '../src/tasks/index.ts';

const TODAY = '2026-11-24';

function next(rule: string, reference: string | null, today = TODAY): string | undefined {
  const recurrence = readRecurrence(rule);
  if (!recurrence) throw new Error(`${rule} is no rule`);
  return nextOccurrence(recurrence, reference, today);
}

function datesOf(rule: string, first: string, count: number): string[] {
  const dates = [first];
  while (dates.length <= count) dates.push(next(rule, dates.at(-1) ?? '') ?? 'never');
  return dates.slice(1);
}

describe('the next date of a rule', () => {
  test.each([
    ['every day', '2026-11-24', '2026-11-25'],
    ['every 3 days', '2026-11-24', '2026-11-27'],
    ['every weekday', '2026-11-27', '2026-11-30'],
    ['every week', '2026-11-24', '2026-12-01'],
    ['every 2 weeks', '2026-11-24', '2026-12-08'],
    ['every week on Sunday', '2026-11-24', '2026-11-29'],
    ['every Sunday', '2026-11-29', '2026-12-06'],
    ['every week on Tuesday, Friday', '2026-11-24', '2026-11-27'],
    ['every 3 weeks on Friday', '2026-11-24', '2026-11-27'],
    ['every month', '2026-11-24', '2026-12-24'],
    ['every 2 months', '2026-12-31', '2027-02-28'],
    ['every 3 months', '2022-01-31', '2022-04-30'],
    ['every month on the 1st', '2026-11-24', '2026-12-01'],
    ['every month on the last', '2026-01-31', '2026-02-28'],
    ['every month on the last Friday', '2026-11-27', '2026-12-25'],
    ['every month on the 2nd last Friday', '2026-11-24', '2026-12-18'],
    ['every 6 months on the 2nd Wednesday', '2026-11-24', '2027-05-12'],
    ['every January on the 15th', '2026-11-24', '2027-01-15'],
    ['every February on the last', '2027-02-28', '2028-02-29'],
    ['every April and December on the 1st and 24th', '2026-11-24', '2026-12-01'],
    ['every year', '2024-02-29', '2025-02-28'],
    ['every 4 years', '2024-02-29', '2028-02-29'],
    ['every day when done', '2020-01-01', '2026-11-25'],
    ['every week when done', '2020-01-01', '2026-12-01'],
    ['every month on the 1st when done', '2020-01-01', '2026-12-01'],
    ['every day', '9999-12-30', '9999-12-31'],
  ])('%s after %s is %s', (rule, reference, expected) => {
    expect(next(rule, reference)).toBe(expected);
  });

  test('is counted from today where the task has no date', () => {
    expect(next('every week', null)).toBe('2026-12-01');
  });

  test('moves back to the end of a shorter month, and stays there', () => {
    expect(datesOf('every month', '2021-10-31', 5)).toEqual([
      '2021-11-30',
      '2021-12-30',
      '2022-01-30',
      '2022-02-28',
      '2022-03-28',
    ]);
    expect(next('every month when done', null, '2026-01-31')).toBe('2026-02-28');
  });

  test('passes over months that lack the day that is named', () => {
    expect(datesOf('every month on the 31st', '2022-01-31', 4)).toEqual([
      '2022-03-31',
      '2022-05-31',
      '2022-07-31',
      '2022-08-31',
    ]);
  });

  test('is the last day of each month where that is asked for', () => {
    expect(datesOf('every month on the last', '2022-01-31', 3)).toEqual(['2022-02-28', '2022-03-31', '2022-04-30']);
  });

  test.each([
    ['every February on the 30th', '2026-01-01'],
    ['every month on the 45th', '2026-01-01'],
    ['every day', '9999-12-31'],
    ['every month', '9999-12-31'],
    ['every year', '9999-01-01'],
    ['every 99999999999 days', '2026-01-01'],
  ])('%s after %s never comes', (rule, reference) => {
    expect(next(rule, reference)).toBeUndefined();
  });
});

describe('the task that follows one that is done', () => {
  const following = (text: string) => {
    const found = nextTaskText(parseTaskText(text), TODAY);
    return 'text' in found ? printTaskText(found.text) : found.none;
  };

  test.each([
    ['bins 🔁 every Sunday 📅 2021-04-25', 'bins 🔁 every Sunday 📅 2021-05-02'],
    ['bins 🔁 every Sunday 📅 2021-04-25 ✅ 2021-04-24', 'bins 🔁 every Sunday 📅 2021-05-02'],
    ['floor 🔁 every week ⏳ 2021-02-06', 'floor 🔁 every week ⏳ 2021-02-13'],
    ['floor 🔁 every week when done ⏳ 2021-02-06', 'floor 🔁 every week when done ⏳ 2026-12-01'],
    ['lawn 🔁 every 2 weeks ⏳ 2021-10-28 📅 2021-10-30', 'lawn 🔁 every 2 weeks ⏳ 2021-11-11 📅 2021-11-13'],
    ['lawn 🔁 every 2 weeks 🛫 2021-10-20 ⏳ 2021-10-28', 'lawn 🔁 every 2 weeks 🛫 2021-11-03 ⏳ 2021-11-11'],
    ['lawn 🔁 every day 🛫 2021-10-20', 'lawn 🔁 every day 🛫 2021-10-21'],
    ['lawn 🔁 every day', 'lawn 🔁 every day'],
    ['lawn 🔁 every day ➕ 2020-01-01 📅 2021-10-20', 'lawn 🔁 every day ➕ 2026-11-24 📅 2021-10-21'],
    ['lawn 🔁 every day 📅 2021-10-20 🆔 a ⛔ b ^c', 'lawn 🔁 every day 📅 2021-10-21'],
    ['lawn #a ⏫ 🔁 every day 📅 2021-10-20 #b', 'lawn #a ⏫ 🔁 every day 📅 2021-10-21 #b'],
    ['lawn [repeat:: every day]  [due:: 2021-10-20]', 'lawn [repeat:: every day]  [due:: 2021-10-21]'],
    ['lawn 🔁 every day 📅 2021-10-20 🏁 delete', 'lawn 🔁 every day 📅 2021-10-21 🏁 delete'],
    ['lawn 📅 2021-10-20', 'not-recurring'],
    ['lawn 🔁 every so often 📅 2021-10-20', 'not-recurring'],
    ['lawn 🔁 every year 🛫 2024-02-27 ⏳ 2024-02-28 📅 2024-02-30', 'not-recurring'],
    ['lawn 🔁 every February on the 30th 📅 2021-10-20', 'never-again'],
    ['lawn 🔁 every day 📅 9999-12-31', 'never-again'],
  ])('%j is followed by %j', (text, expected) => {
    expect(following(text)).toBe(expected);
  });
});
