import type { viewResults } from './views.ts';

type Results = Awaited<ReturnType<typeof viewResults>>;
type Row = readonly (string | number | null)[];

export const titles = ['题目', '选项', '数量', '基数', '占比', '95%下限', '95%上限', '均值', '标准差'];
export const widths = [40, 24, 10, 10, 10, 10, 10, 10, 10];

/** The results as rows: the response rate first, then each question with its options and, of a scale, its mean. */
export function* resultRows({ responseRate, brokenOff, questions }: Results): Generator<Row> {
  yield shareRow('应答率', '完成 / 已联系', responseRate);
  yield ['中途退出', null, brokenOff];
  for (const { textZh, kind, answered, options, mean } of questions) {
    if (kind === 'voice') yield [textZh, '自由回答', answered];
    for (const option of options) yield shareRow(textZh, option.textZh, option);
    if (mean) yield [textZh, '均值', mean.of, mean.of, null, mean.low, mean.high, mean.mean, mean.sd];
  }
}

function shareRow(question: string, label: string, { count, of, share, interval }: Results['responseRate']): Row {
  return [question, label, count, of, share, interval?.low ?? null, interval?.high ?? null];
}
