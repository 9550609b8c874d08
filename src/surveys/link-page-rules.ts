import type { Question } from './survey.ts';

/** The page of a link: plain HTML without scripts, for phones of any age. */
export function linkPage({ questions, answered, matter }: { readonly questions: readonly Question[]; readonly answered: readonly string[]; readonly matter: string | null }): string {
  const fields = questions.filter((question) => question.kind !== 'voice' && !answered.includes(question.code)).map(({ code, textZh, options }) => `<fieldset><legend>${escape(textZh)}</legend>${
    options.map(({ value, textZh: label }) => `<p><label><input type="radio" name="${escape(code)}" value="${escape(value)}" required> ${escape(label)}</label></p>`).join('')}</fieldset>`);
  return page('办理结果评价', `${matter === null ? '' : `<p>${escape(matter)}</p>`}<form method="post">${fields.join('')}
<p><label>您想说的话（可不填）<br><textarea name="words" rows="4" maxlength="500"></textarea></label></p>
<p><button type="submit">提交评价</button></p></form>
<form method="post"><p><button type="submit" name="refuse" value="yes">以后不再接受回访</button></p></form>`);
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
