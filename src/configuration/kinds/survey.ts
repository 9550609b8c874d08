import { Type, type Static } from 'typebox';
import { defineKind } from '../kind.ts';
import { names, NullableCode } from './fields.ts';
import { findSilent, promptPattern } from './prompt.ts';

const strict = { additionalProperties: false } as const;
const Clock = Type.String({ pattern: '^([01]\\d|2[0-3]):[0-5]\\d$|^24:00$' });
const Rules = Type.Object({
  windows: Type.Array(Type.Object({ from: Clock, to: Clock }, strict), { maxItems: 6, default: [{ from: '09:00', to: '12:00' }, { from: '14:00', to: '20:00' }], description: 'When citizens may be called, on the clock in China; none: nobody is called by the machine' }),
  maxLines: Type.Integer({ minimum: 0, maximum: 1_000, default: 10, description: 'Calls of the machine at once' }),
  trunkLines: Type.Integer({ minimum: 1, maximum: 10_000, default: 120, description: 'Lines of the trunk' }),
  reservedLines: Type.Integer({ minimum: 0, maximum: 10_000, default: 30, description: 'Of those, so many are left to whoever calls us' }),
  maxTries: Type.Integer({ minimum: 1, maximum: 3, default: 3 }),
  linkDays: Type.Integer({ minimum: 0, maximum: 30, default: 3, description: 'How long the link of a text message works; 0: none is sent' }),
  queueId: NullableCode,
  personPriority: Type.Integer({ minimum: 0, maximum: 9, default: 5, description: 'Of who asks for a person' }),
});

/** How citizens are asked what came of their matter. */
export const surveyRuleKind = defineKind({
  name: 'survey-rule', path: 'survey-rules', source: 'survey_rules', keyField: 'id', keyPattern: '^default$', body: Rules,
  isRequired: () => true,
  references: (rules) => [{ field: 'queueId', kind: 'queue', key: rules.queueId }],
  check: (rules: Static<typeof Rules>) => rules.windows.flatMap(({ from, to }, index) => (from < to ? [] : [{ field: `windows/${index}`, message: 'ends before it begins; what goes past midnight is two windows' }])),
});

const Question = Type.Object({
  code: Type.String({ pattern: '^(?!(words|refuse)$)[a-z][a-z_]{0,31}$' }), kind: Type.Enum(['choice', 'scale', 'voice']), textZh: Type.String({ minLength: 1, maxLength: 200, description: 'What a person reads out, and the page shows' }), textEn: Type.Optional(Type.String({ minLength: 1, maxLength: 400, description: 'What the English page shows; the Chinese text unless told' })),
  prompts: Type.Array(Type.String({ pattern: promptPattern }), { minItems: 1, maxItems: 10 }),
  options: Type.Array(Type.Object({ key: Type.String({ pattern: '^[0-9]$' }), value: Type.String({ pattern: '^[a-z0-9][a-z0-9_]{0,31}$' }), textZh: Type.String({ minLength: 1, maxLength: 60 }), textEn: Type.Optional(Type.String({ minLength: 1, maxLength: 120 })) }, strict), { maxItems: 10, default: [] }),
  maxSec: Type.Optional(Type.Integer({ minimum: 5, maximum: 120, description: 'How long a voice may be, seconds; 30 unless told' })),
}, strict);
const Questionnaire = Type.Object({ ...names, questions: Type.Array(Question, { minItems: 1, maxItems: 12 }) });
/** What the rates are made of, and what sends a case back: these questions stay, however they are worded. */
const fixed: Readonly<Record<string, readonly string[]>> = { contacted: ['yes', 'no'], solved: ['yes', 'no'], satisfied: ['satisfied', 'basically_satisfied', 'dissatisfied', 'no_opinion'] };

export const questionnaireKind = defineKind({
  name: 'questionnaire', path: 'questionnaires', source: 'questionnaires', keyField: 'code', keyPattern: '^[a-z0-9][a-z0-9-]{0,31}$', body: Questionnaire,
  isRequired: (_item, code) => code === 'callback',
  check: ({ questions }: Static<typeof Questionnaire>, all, code) => [
    ...questions.flatMap(({ kind, prompts, options, maxSec }, index) => {
      const field = `questions/${index}/options`;
      const isDouble = new Set(options.map((option) => option.key)).size < options.length || new Set(options.map((option) => option.value)).size < options.length;
      return [...findSilent(`questions/${index}/prompts`, prompts, all),
        ...(isDouble ? [{ field, message: 'names a key or a value twice' }] : []),
        // 9 refuses and 0 calls for a person, where the survey has one.
        ...((kind !== 'scale' || code === 'callback') && options.some(({ key }) => key === '0' || key === '9') ? [{ field, message: 'take 0 or 9; those are free for the scales of campaigns only' }] : []),
        ...(kind !== 'voice' && maxSec !== undefined ? [{ field: `questions/${index}/maxSec`, message: 'is for a voice only' }] : []),
        ...((kind === 'voice') === (options.length > 0) ? [{ field, message: kind === 'voice' ? 'are for keys; a voice has none' : 'are missing; name a key for each answer' }] : [])];
    }),
    ...(new Set(questions.map((question) => question.code)).size < questions.length ? [{ field: 'questions', message: 'names a question twice' }] : []),
    ...(code === 'callback' ? Object.entries(fixed).filter(([name, values]) => questions.find((question) => question.code === name)?.options.map((option) => option.value).sort().join() !== [...values].sort().join())
      .map(([name, values]) => ({ field: 'questions', message: `must ask ${name} with the answers ${values.join(', ')}: the rates are made of it` })) : []),
  ],
});
