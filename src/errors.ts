/**
 * Every refusal of the service: code → HTTP status, short title, and what the reader should do next.
 * The wire form is `application/problem+json` (RFC 9457), made in http/problem.ts.
 */
export const problems = {
  bad_request: [400, 'The request is not valid', 'Correct the fields named in `errors` and send it again.'],
  password_wrong: [401, 'Login or password is wrong', 'Check both and try again.'],
  not_authenticated: [401, 'Not logged in', 'Log in at POST /api/auth/login, or send a token.'],
  login_locked: [429, 'Too many failed logins', 'Wait until `retryAt`, or ask an admin to unlock the account.'],
  account_ended: [403, 'The account has ended', 'Ask an admin to extend it.'],
  password_change_required: [403, 'The password must be changed first', 'Send POST /api/auth/password.'],
  password_weak: [422, 'The password is too weak', 'Use at least 12 different enough characters, without the login, and not the present password.'],
  forbidden: [403, 'Not permitted', 'Ask an admin for the permission named in `permission`.'],
  origin_refused: [403, 'The request comes from another site', 'Send it from the hotline’s own pages or with a token.'],
  confidential_number: [422, 'A confidential case is called at its own number only', 'Leave out `number`, or open a case of its own.'],
  confidential_stays: [403, 'The case stays confidential', 'Only the operator who handles it in the call can lift that.'],
  not_found: [404, 'Not found', 'Check the address; the object may not exist or not be yours to see.'],
  method_not_allowed: [405, 'The address does not take this method', 'Use one of `allowed`.'],
  last_admin: [409, 'The last admin must stay', 'Make another account an admin first.'],
  stale_version: [409, 'Somebody else changed it meanwhile', 'Merge your edit into `current` and send it with its version.'],
  recording_not_there: [404, 'There is no sound to hear', '`reason` says why; one that is not stored yet is there some seconds after the call.'],
  range_not_satisfiable: [416, 'Nothing lies in that range', 'Ask for bytes below `bytes`.'],
  recording_held: [409, 'The recording is under legal hold', 'Release it first, with a reason.'],
  conflict: [409, 'That is in conflict with the present state', 'Read the object again.'],
  already_received: [409, 'This very request was received before', 'Nothing is to be done; another report is signed anew, with its own moment.'],
  already_exists: [409, 'It exists already', 'Choose another name.'],
  too_many: [422, 'There are too many already', 'Remove one first; `most` is how many there may be.'],
  export_too_large: [422, 'Too many cases for one file', 'Narrow the filter until it finds `most` at the most, a month for one.'],
  in_use: [409, 'It is in use', 'End or change what `usedBy` names first.'],
  changed_since: [409, 'It was changed since', 'Undo the change named in `change` first, or edit the object itself.'],
  not_undoable: [409, 'That cannot be put back', 'What it changed is stored nowhere, a password for one; change `fields` anew.'],
  action_not_allowed: [409, 'Not allowed in this state', 'Choose one of `allowed`.'],
  not_your_case: [403, 'Your unit has no part in this case, or not the one that may do this', 'The lead unit answers for the case; ask it, or the hotline.'],
  unit_is_complained_about: [409, 'The citizen complains about that unit, or about one above it', 'Choose a unit that is neither.'],
  request_pending: [409, 'Something of that kind waits for a decision', 'Wait for it, or decide on it first; `kind` names it.'],
  conference_refused: [409, 'Some cases stand in the way; nothing was changed', 'Leave out or settle those in `refused`.'],
  not_mergeable: [409, 'That case takes no others', 'Choose one that is under way and is not merged itself.'],
  confidentiality_differs: [409, 'One of the cases is confidential and the other is not', 'They stay apart.'],
  complaints_differ: [409, 'The cases complain about different units', 'They stay apart.'],
  order_open: [409, 'A supervision order is open already', 'Close it first, or give it back to the unit.'],
  nothing_to_decide: [409, 'Nothing of that kind waits for a decision', 'Read the case again; somebody may have decided.'],
  returned_twice: [409, 'The case was returned twice already', 'Handle it, or ask the manager of the hotline.'],
  too_late: [409, 'The deadline is over', 'An extension is asked for before `dueAt`.'],
  unit_has_cases: [409, 'The unit has cases under way', 'Say by `casesTo` which unit takes its place.'],
  file_unusable: [422, 'The file cannot be read', 'Send a table as CSV (UTF-8 or GB18030) or XLSX; `reason` says what is wrong.'],
  import_invalid: [422, 'Rows of the file are wrong; nothing was changed', 'Mend everything named in `faults` and send it again.'],
  unit_below_itself: [422, 'A unit cannot stand below itself', 'Choose a place outside the units below it.'],
  unit_closed: [409, 'The unit is closed', 'Choose one that is open.'],
  number_not_of_unit: [422, 'That phone is not known as one of your unit', 'Use a phone, a liaison’s or one of a person on duty; an admin can add it.'],
  call_is_live: [409, 'Somebody is on the phone about this case', 'Wait until the call is over.'],
  not_below: [422, 'That unit is not below yours', 'Pass the case on to units below yours only.'],
  own_unit_may_not: [403, 'Your unit handled this case', 'Somebody of another unit does this.'],
  body_too_large: [413, 'The body is too large', 'Send less than 1 MiB.'],
  body_not_json: [415, 'The body is not JSON', 'Send it with the header Content-Type: application/json.'],
  upgrade_required: [426, 'This address speaks WebSocket', 'Open it as a WebSocket.'],
  fields_missing: [422, 'Fields are missing for this step', 'Fill in the fields named in `fields`.'],
  configuration_invalid: [422, 'The configuration would be wrong; nothing was changed', 'Mend everything named in `errors` and send it again.'],
  audio_unusable: [422, 'The recording cannot be played', 'Mend what `errors` says and send it again.'],
  reference_unknown: [422, 'A reference does not exist', 'Choose an existing value for `field`.'],
  seat_taken: [409, 'Another operator is signed in at this seat', 'Choose another seat, or ask a supervisor to sign it out.'],
  seat_disabled: [409, 'The seat is not enabled', 'Choose another seat, or ask an admin to enable it.'],
  seat_not_signed_in: [409, 'You are not signed in at a seat', 'Sign in at a seat first.'],
  seat_not_ready: [409, 'That seat takes no call now', 'Choose a seat whose state is `ready` and whose phone is registered.'],
  seat_busy: [409, 'Your seat is on a call', 'End it first; whoever is on a call cannot be on another.'],
  already_supervised: [409, 'A supervisor is on this call', 'Wait until the one named in `supervisorName` has left.'],
  not_supervising: [409, 'You are not on this call', 'Send POST /api/calls/{callId}/supervision first and answer your phone.'],
  abuse_not_flagged: [409, 'The call has no abuse flag', 'Send POST /api/calls/{callId}/abuse first.'],
  alert_taken: [409, 'Another supervisor has taken it', 'Ask the one named in `takenByName`, or resolve it.'],
  caller_unknown: [409, 'The caller’s number is not known', 'A withheld number cannot be blocked.'],
  phone_not_registered: [409, 'Your softphone is not registered', 'Start it, wait until the seat shows `isRegistered`, and dial again.'],
  operator_elsewhere: [409, 'You are signed in at another seat', 'Sign out there first.'],
  number_not_dialable: [422, 'That number cannot be dialled', 'Give a mobile, a landline with area code, or a short number.'],
  too_many_requests: [429, 'Too many requests', 'Wait as long as Retry-After says.'],
  telephony_unavailable: [503, 'The telephone system does not answer', 'Try again in a few seconds; live calls go on.'],
  unavailable: [503, 'A part of the hotline is missing', 'Try again soon; /health/ready names the part.'],
  internal: [500, 'Something went wrong in the hotline', 'Try again; if it stays, give the request id to an admin.'],
} as const satisfies Record<string, readonly [status: number, title: string, next: string]>;

export type ProblemCode = keyof typeof problems;

/** A refusal with a stable code; `details` are added to the problem document. */
export class AppError extends Error {
  readonly code: ProblemCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ProblemCode, details: Readonly<Record<string, unknown>> = {}, options?: ErrorOptions) {
    super(problems[code][1], options);
    this.name = 'AppError';
    this.code = code;
    this.details = details;
  }
}

/** Exhaustiveness check for unions; reaching it is a defect. */
export function assertNever(value: never): never {
  throw new Error(`unexpected variant: ${JSON.stringify(value)}`);
}
