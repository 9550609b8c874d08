import type { Language } from '../ivr/menu.ts';

type Words = { readonly title: string; readonly submit: string; readonly refuse: string; readonly thanks: string };
type PageWords = {
  readonly callback: Words; readonly campaign: Words; readonly hotline: string; readonly toOther: string; readonly mayBeEmpty: string; readonly ownWords: string; readonly invitation: string;
  readonly over: string; readonly incomplete: string; readonly full: string;
  /** What is asked about; `category` is null where none was chosen. */
  readonly matter: (day: { readonly year: number; readonly month: number; readonly day: number }, category: string | null) => string;
};

/** What the page of a link says. */
export const linkWords: Readonly<Record<Language, PageWords>> = {
  zh: {
    callback: { title: '办理结果评价', submit: '提交评价', refuse: '以后不再接受回访', thanks: '感谢您的评价！' },
    campaign: { title: '民意调查', submit: '提交', refuse: '以后不再接受调查和回访', thanks: '感谢您的参与！' },
    hotline: '市民服务热线', toOther: 'English', mayBeEmpty: '（可不填）', ownWords: '您想说的话', invitation: '12345热线邀请您参加一次简短的民意调查。',
    over: '此链接已失效，或评价已经提交。如有需要请拨打12345。', incomplete: '请回答每一个问题后再提交。', full: '本次调查名额已满，感谢您的参与！',
    matter: ({ year, month, day }, category) => `您于${year}年${month}月${day}日反映的${category === null ? '事项' : `“${category}”`}已有办理结果，请您评价。`,
  },
  en: {
    callback: { title: 'How was your matter handled?', submit: 'Send', refuse: 'Do not ask me again', thanks: 'Thank you for your answers.' },
    campaign: { title: 'Opinion poll', submit: 'Send', refuse: 'Do not ask me again', thanks: 'Thank you for taking part.' },
    hotline: 'Citizens’ hotline', toOther: '中文', mayBeEmpty: ' (may be left empty)', ownWords: 'What you want to add', invitation: 'The 12345 hotline invites you to a short opinion poll.',
    over: 'This link no longer works, or your answers have been sent. If you need us, please call 12345.', incomplete: 'Please answer every question before you send.', full: 'This poll has all the answers it needs. Thank you for your interest.',
    matter: ({ year, month, day }, category) => `There is a result in the matter${category === null ? '' : ` (${category})`} that you reported on ${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}. Please tell us how it was handled.`,
  },
};

/** Two words for one thing; where there is no English one, the Chinese one is better than none. */
export function inLanguage(language: Language, zh: string, en: string | null | undefined): string {
  return language === 'en' ? en ?? zh : zh;
}
