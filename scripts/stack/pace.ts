/** Passes a line on when the last one is `everyMs` old: long steps show how far they are without filling a log. */
export function atPace(onProgress: (line: string) => void, everyMs = 3_000): (line: string) => void {
  let next = Date.now() + everyMs;
  return (line) => {
    if (Date.now() < next) return;
    next = Date.now() + everyMs;
    onProgress(line);
  };
}
