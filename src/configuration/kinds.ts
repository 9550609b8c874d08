import type { Kind } from './kind.ts';
import { callerRuleKind } from './kinds/caller-rule.ts';
import { caseCategoryKind, districtKind } from './kinds/classification.ts';
import { deadlineRuleKind } from './kinds/deadline-rule.ts';
import { directoryEntryKind } from './kinds/directory-entry.ts';
import { calendarDayKind, openingHoursKind } from './kinds/hours.ts';
import { hotlineNumberKind } from './kinds/hotline-number.ts';
import { identityRuleKind } from './kinds/identity-rule.ts';
import { leaderDayKind } from './kinds/leader-day.ts';
import { menuKind } from './kinds/menu.ts';
import { notReadyReasonKind } from './kinds/not-ready-reason.ts';
import { numberKind } from './kinds/number.ts';
import { promptKind } from './kinds/prompt.ts';
import { queueKind } from './kinds/queue.ts';
import { recordingClassKind } from './kinds/recording-class.ts';
import { seatKind } from './kinds/seat.ts';
import { questionnaireKind, surveyRuleKind } from './kinds/survey.ts';
import { operatorSkillsKind, skillKind } from './kinds/skill.ts';

/** Everything an admin configures. A new kind needs nothing but its line here. */
export const configurationKinds: readonly Kind[] = [
  queueKind, numberKind, skillKind, operatorSkillsKind, openingHoursKind, calendarDayKind, notReadyReasonKind, directoryEntryKind, menuKind, callerRuleKind,
  seatKind, promptKind, recordingClassKind, leaderDayKind, deadlineRuleKind, hotlineNumberKind, caseCategoryKind, districtKind, identityRuleKind, surveyRuleKind, questionnaireKind,
];
