import type { Question } from './survey.ts';

type Asked = { readonly questions: readonly Question[]; readonly answered: readonly string[]; readonly matter: string | null; readonly isCampaign: boolean };
const words = {
  callback: { title: '办理结果评价', submit: '提交评价', refuse: '以后不再接受回访' },
  campaign: { title: '民意调查', submit: '提交', refuse: '以后不再接受调查和回访' },
};

/** The page of a link: plain HTML without scripts, for phones of any age. What the phone lets people say is typed here, or left out. */
export function linkPage({ questions, answered, matter, isCampaign }: Asked): string {
  const { title, submit, refuse } = words[isCampaign ? 'campaign' : 'callback'];
  const fields = questions.filter((question) => !answered.includes(question.code)).map((question) => (question.kind === 'voice'
    ? textField(question.code, question.textZh)
    : `<fieldset><legend>${escape(question.textZh)}</legend>${question.options.map(({ value, textZh: label }) =>
      `<p><label><input type="radio" name="${escape(question.code)}" value="${escape(value)}" required> ${escape(label)}</label></p>`).join('')}</fieldset>`));
  return page(title, `${matter === null ? '' : `<p>${escape(matter)}</p>`}<form method="post">${fields.join('')}${isCampaign ? '' : textField('words', '您想说的话')}
<p><button type="submit">${submit}</button></p></form>
<form method="post"><p><button type="submit" name="refuse" value="yes">${refuse}</button></p></form>`);
}

function textField(name: string, label: string): string {
  return `\n<p><label>${escape(label)}（可不填）<br><textarea name="${escape(name)}" rows="4" maxlength="500"></textarea></label></p>`;
}

/** One sentence and nothing to do. */
export function messagePage(text: string): string {
  return page('市民服务热线', `<p>${escape(text)}</p>`);
}

function page(title: string, body: string): string {
  return `<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex"><title>${title}</title>
<style>body{font-family:sans-serif;font-size:1.1em;line-height:1.5;max-width:32em;margin:0 auto;padding:1em}fieldset{border:1px solid #999;margin:0 0 1em}button{font-size:1em;padding:.5em 1em}textarea{width:100%}</style>
</head><body><h1>12345 ${title}</h1>${body}</body></html>`;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
