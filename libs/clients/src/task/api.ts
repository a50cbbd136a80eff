import type { Verification } from '../file/schemas.ts';
import type {
  ChangeTaskRequest,
  CreateTaskRequest,
  ListTasksQuery,
  Task,
  TaskPage,
  TaskServiceStatus,
} from './schemas.ts';

/** What other services ask of the task service. */
export interface TaskApi {
  /** One page of tasks. */
  list(query: ListTasksQuery): Promise<TaskPage>;
  /** @throws ClientError 404 `task-not-found` */
  find(id: string): Promise<Task>;
  create(task: CreateTaskRequest): Promise<Task>;
  /**
   * @param ifMatch the ETag it must have
   * @throws ClientError 404 `task-not-found`, 409 `status-move-illegal` or `task-conflict`, 412 `precondition-failed`
   */
  change(id: string, change: ChangeTaskRequest, ifMatch?: string): Promise<Task>;
  complete(id: string): Promise<Task>;
  status(): Promise<TaskServiceStatus>;
  /** Compares the tasks with the notes they live in. */
  verify(): Promise<Verification>;
}
