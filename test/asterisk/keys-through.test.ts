import { afterEach, describe, expect, it } from 'vitest';
import { hotline } from '../support/hotline.ts';
import { openKeypad } from '../support/keypad.ts';
import { talks } from '../support/talks.ts';
import { until } from '../support/until.ts';

describe('keys that are pressed while people talk, on the real Asterisk', () => {
  const city = hotline();
  const { talk } = talks(city);
  const keypads: Awaited<ReturnType<typeof openKeypad>>[] = [];
  const keypad = async () => {
    const one = await openKeypad();
    keypads.push(one);
    return one;
  };
  afterEach(() => { for (const one of keypads.splice(0)) one.close(); });

  it('reach the other side both ways, as RFC 4733 has them', async () => {
    const [citizen, operator] = [await keypad(), await keypad()];
    const one = await talk(['citizen-keys', {}, { mediaPort: citizen.port }], [0, 'seat-answers', {}, { mediaPort: operator.port }]);
    await citizen.press('12#');
    await until(() => operator.heard() === '12#', 'the operator’s phone has the keys');
    await operator.press('90*');
    await until(() => citizen.heard() === '90*', 'the citizen’s phone has the keys');
    await one.hangUp();
    expect(await one.phone.done).toBe(0);
  });

  it('reach the other side as RFC 4733 also when the phone sends them by SIP INFO', async () => {
    const operator = await keypad();
    const one = await talk(['citizen-presses'], [0, 'seat-answers', {}, { mediaPort: operator.port }]);
    await until(() => operator.heard().startsWith('1'), 'the operator’s phone has the key');
    await one.hangUp();
    expect(await one.phone.done).toBe(0);
  });
});
