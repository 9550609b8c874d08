export const roles = [
  'operator', 'supervisor', 'dispatcher', 'unit_handler', 'unit_head', 'callback', 'quality', 'knowledge_editor', 'leader', 'admin', 'auditor',
] as const;
export type Role = (typeof roles)[number];

export type Permission =
  | 'call.read' | 'call.dial' | 'call.control' | 'call.hang_up' | 'directory.read' | 'case.read' | 'case.edit' | 'case.open' | 'identity.read' | 'seat.sign_in'
  | 'seat.read' | 'seat.manage' | 'queue.read' | 'user.manage' | 'token.manage' | 'audit.read' | 'metrics.read'
  | 'configuration.read' | 'configuration.manage' | 'recording.listen' | 'recording.listen_own' | 'recording.manage'
  | 'call.supervise' | 'seat.force' | 'help.ask' | 'alert.read' | 'alert.manage'
  | 'unit.read' | 'unit.manage' | 'case.read_unit' | 'case.handle' | 'case.dispatch' | 'case.decide' | 'case.review' | 'case.survey' | 'case.urge' | 'case.supervise' | 'case.instruct'
  | 'case.export' | 'identity.audit' | 'survey.manage' | 'report.read' | 'sms.read' | 'job.manage';
/** What an integration's token may be given: nothing that acts as a person at a seat, shows who a citizen is, or manages accounts. */
export const tokenPermissions = ['call.read', 'case.read', 'seat.read', 'queue.read', 'metrics.read'] as const satisfies readonly Permission[];
/** `public` needs no login, `self` any login. */
export type RoutePermission = Permission | 'public' | 'self';

const operator: readonly Permission[] = [
  'call.read', 'call.dial', 'call.control', 'call.hang_up', 'directory.read', 'case.read', 'case.edit', 'case.open', 'identity.read', 'seat.sign_in', 'seat.read', 'queue.read', 'recording.listen_own',
  'help.ask', 'unit.read', 'case.urge',
];
/** Who works for a unit sees the cases of that unit and of those below it, and never who the citizen is. */
const unitStaff: readonly Permission[] = ['unit.read', 'case.read_unit', 'case.handle'];

/** Who may do what: the only place that says so. `recording.listen_own` opens the door, the own calls only, unless `recording.listen` is there too. An admin runs the system and does not see who the citizens are. */
const rolePermissions: Readonly<Record<Role, readonly Permission[]>> = {
  operator,
  supervisor: [...operator, 'seat.manage', 'metrics.read', 'configuration.read', 'recording.listen', 'recording.manage',
    'call.supervise', 'seat.force', 'alert.read', 'alert.manage', 'case.decide', 'case.supervise', 'case.export', 'survey.manage', 'report.read', 'sms.read'],
  dispatcher: ['case.read', 'case.edit', 'case.open', 'identity.read', 'queue.read', 'unit.read', 'case.dispatch', 'case.review', 'case.urge', 'case.supervise', 'case.export', 'report.read'],
  unit_handler: unitStaff,
  unit_head: [...unitStaff, 'case.export'],
  callback: ['call.read', 'call.dial', 'call.control', 'directory.read', 'case.read', 'case.edit', 'identity.read', 'seat.sign_in', 'seat.read',
    'recording.listen_own', 'help.ask', 'unit.read', 'case.survey', 'case.urge'],
  quality: ['call.read', 'case.read', 'seat.read', 'queue.read', 'recording.listen_own', 'recording.listen', 'report.read'],
  knowledge_editor: [],
  // On their days leaders answer calls themselves (领导接听); who the citizen is they see with an operator beside them only.
  leader: ['call.read', 'call.control', 'call.hang_up', 'directory.read', 'case.read', 'queue.read', 'seat.read', 'seat.sign_in', 'help.ask', 'unit.read', 'case.instruct', 'report.read'],
  admin: ['user.manage', 'token.manage', 'seat.read', 'seat.manage', 'queue.read', 'metrics.read', 'call.read',
    'configuration.read', 'configuration.manage', 'unit.read', 'unit.manage', 'sms.read', 'job.manage'],
  auditor: ['audit.read', 'identity.audit'],
};

export function permissionsOf(held: readonly Role[]): ReadonlySet<Permission> {
  return new Set(held.flatMap((role) => rolePermissions[role]));
}
