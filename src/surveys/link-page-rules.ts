import { chinaTime } from '../calendar/opening-rules.ts';
import type { Language } from '../ivr/menu.ts';
import { openQuestions } from './answer-rules.ts';
import { inLanguage, linkWords } from './link-words.ts';
import type { Question } from './survey.ts';

/** What of a case may be told to who has the link; null of a confidential one. */
export type LinkMatter = { readonly openedAt: Date; readonly nameZh: string | null; readonly nameEn: string | null };
type Asked = { readonly language: Language; readonly questions: readonly Question[]; readonly answered: readonly string[]; readonly matter: LinkMatter | null; readonly isCampaign: boolean };

/** The page of a link: plain HTML without scripts, for phones of any age. What the phone lets people say is typed here, or left out. A form goes back to its own address, and so keeps the language. */
export function linkPage({ language, questions, answered, matter, isCampaign }: Asked): string {
  const words = linkWords[language];
  const { title, submit, refuse } = words[isCampaign ? 'campaign' : 'callback'];
  const textField = (name: string, label: string): string => `\n<p><label>${escape(label)}${words.mayBeEmpty}<br><textarea name="${escape(name)}" rows="4" maxlength="500"></textarea></label></p>`;
  const fields = openQuestions(questions, answered).map(({ code, kind, textZh, textEn, options }) => (kind === 'voice'
    ? textField(code, inLanguage(language, textZh, textEn))
    : `<fieldset><legend>${escape(inLanguage(language, textZh, textEn))}</legend>${options.map((option) =>
      `<p><label><input type="radio" name="${escape(code)}" value="${escape(option.value)}" required> ${escape(inLanguage(language, option.textZh, option.textEn))}</label></p>`).join('')}</fieldset>`));
  const about = isCampaign ? words.invitation : matter && matterLine(matter, language);
  return page(language, title, `<p><a href="?lang=${language === 'en' ? 'zh' : 'en'}">${words.toOther}</a></p>${about === null ? '' : `<p>${escape(about)}</p>`}<form method="post">${fields.join('')}${isCampaign ? '' : textField('words', words.ownWords)}
<p><button type="submit">${submit}</button></p></form>
<form method="post"><p><button type="submit" name="refuse" value="yes">${refuse}</button></p></form>`);
}

/** One sentence and nothing to do. */
export function messagePage(language: Language, text: string): string {
  return page(language, linkWords[language].hotline, `<p>${escape(text)}</p>`);
}

function matterLine({ openedAt, nameZh, nameEn }: LinkMatter, language: Language): string {
  const [year = 0, month = 0, day = 0] = chinaTime(openedAt).day.split('-').map(Number);
  return linkWords[language].matter({ year, month, day }, nameZh === null ? null : inLanguage(language, nameZh, nameEn));
}

function page(language: Language, title: string, body: string): string {
  return `<!doctype html><html lang="${language === 'en' ? 'en' : 'zh-CN'}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex"><title>${title}</title>
<style>body{font-family:sans-serif;font-size:1.1em;line-height:1.5;max-width:32em;margin:0 auto;padding:1em}fieldset{border:1px solid #999;margin:0 0 1em}button{font-size:1em;padding:.5em 1em}textarea{width:100%}</style>
</head><body><h1>12345 ${title}</h1>${body}</body></html>`;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
