/** The roles that a person may have; `integration` is for tokens only. */
import type { Role } from '$shared/api/types';

export const ROLES: Role[] = ['dispatcher', 'engineer', 'warehouse', 'admin'];
/** What the server asks of a password. */
export const PASSWORD_LEAST = 10;
