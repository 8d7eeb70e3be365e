/** The fine lines of identity documents: a wave whose height is a wave, many times over. */
export function guilloche(width: number, height: number, lines: number): string[] {
  const STEPS = 72;
  const paths: string[] = [];
  for (let line = 0; line < lines; line += 1) {
    const phase = (line / lines) * Math.PI * 2;
    let path = '';
    for (let step = 0; step <= STEPS; step += 1) {
      const along = step / STEPS;
      const swell = 0.55 + 0.45 * Math.sin(along * Math.PI * 2 + phase);
      const wave = Math.sin(along * Math.PI * 5 + phase) * swell;
      const x = along * width;
      const y = height / 2 + (wave * height) / 2;
      path += `${step === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`;
    }
    paths.push(path);
  }
  return paths;
}
