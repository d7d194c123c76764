/** The roles that a person may have, and those of a program, which is no engineer. */
import type { Role } from '$shared/api/types';

export const ROLES: Role[] = ['dispatcher', 'engineer', 'warehouse', 'admin'];
export const TOKEN_ROLES: Role[] = ['dispatcher', 'warehouse', 'admin'];
/** What the server asks of a password. */
export const PASSWORD_LEAST = 10;
