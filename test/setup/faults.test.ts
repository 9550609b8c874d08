import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { holdDataFolder } from '../../scripts/stack/data-folder.ts';
import { makeOnce } from '../../scripts/stack/cache-folder.ts';
import { explainFailure } from '../../scripts/stack/failure.ts';
import { ProgramError, SetupError, loadSecrets, readSettings } from '../../scripts/stack/settings.ts';
import { holdPortBlock } from '../support/port-block.ts';

describe('a start that cannot succeed says so in one line', () => {
  let folder = '';
  let env: Record<string, string> = {};
  let ports: Awaited<ReturnType<typeof holdPortBlock>>;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'hotline-setup-'));
    ports = await holdPortBlock();
    env = { ...ports.settings, HOTLINE_DATA_DIR: join(folder, 'data'), HOTLINE_CACHE_DIR: join(folder, 'cache') };
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const start = (given: Record<string, string>, script = 'start.ts') => new Promise<{ code: number | null; errors: string[] }>((resolve) => {
    const child = spawn(process.execPath, ['--import', 'tsx', `scripts/${script}`], { env: { ...process.env, ...env, ...given } });
    let text = '';
    child.stderr.on('data', (chunk: Buffer) => { text += chunk.toString(); });
    child.on('exit', (code) => resolve({ code, errors: text.trim().split('\n') }));
  });
  const expectRefused = async (given: Record<string, string>, line: RegExp): Promise<void> => {
    const { code, errors } = await start(given);
    expect(errors).toEqual([expect.stringMatching(line)]);
    expect(code).toBe(1);
    expect(existsSync(join(folder, 'data/lock.json'))).toBe(false);
    expect(existsSync(join(folder, 'cache')) ? readdirSync(join(folder, 'cache')) : []).toEqual([]);
  };

  it('for a port in use, TCP or UDP', async () => {
    const server = createServer().listen(Number(env['HOTLINE_ARI_PORT']), '127.0.0.1');
    await expectRefused({}, /^TCP port \d+ is in use\. Free it, or choose another by HOTLINE_ARI_PORT\.$/);
    server.close();
    const socket = createSocket('udp4').bind(Number(env['HOTLINE_TRUNK_SIP_PORT']), '127.0.0.1');
    await expectRefused({}, /^UDP port \d+ is in use\. Free it, or choose another by HOTLINE_TRUNK_SIP_PORT\.$/);
    socket.close();
  });

  it.each([
    [{ HOTLINE_HTTP_PORT: 'eighty' }, /^HOTLINE_HTTP_PORT must be a port number/],
    [{ HOTLINE_HTTP_PORT: '8088', HOTLINE_ARI_PORT: '8088' }, /^HOTLINE_HTTP_PORT and HOTLINE_ARI_PORT are both 8088/],
    [{ HOTLINE_RTP_START: '30000', HOTLINE_RTP_END: '20000' }, /^HOTLINE_RTP_START must be lower/],
    [{ HOTLINE_LISTEN: '203.0.113.9' }, /^HOTLINE_LISTEN=203\.0\.113\.9 is no address of this machine/],
  ])('for the settings %o', (given, line) => expectRefused(given, line));

  it('for a machine without apt, with both ways out', async () => {
    await expectRefused({ PATH: join(folder, 'nothing') }, /^This machine has no apt\. Set HOTLINE_DEBIAN_MIRROR to a Debian mirror, or use `docker compose up`\.$/);
  });

  it('for a mirror that has no forky, and for one that breaks off', async () => {
    const mirror = createHttpServer((request, response) => {
      if (request.url?.startsWith('/broken')) response.socket?.destroy();
      else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => mirror.listen(0, '127.0.0.1', () => resolve()));
    const { port } = mirror.address() as AddressInfo;
    const line = /^The list of Debian forky could not be read\. .+ Set HOTLINE_DEBIAN_MIRROR to a Debian mirror, or use `docker compose up`\.$/;
    await expectRefused({ HOTLINE_DEBIAN_MIRROR: `http://127.0.0.1:${port}/none`, http_proxy: '', HTTP_PROXY: '' }, line);
    await expectRefused({ HOTLINE_DEBIAN_MIRROR: `http://127.0.0.1:${port}/broken`, http_proxy: '', HTTP_PROXY: '' }, line);
    mirror.close();
  });

  it('for a data folder that another start holds, and goes on over one that was killed', async () => {
    const hold = () => holdDataFolder(readSettings({ HOTLINE_DATA_DIR: join(folder, 'data') }));
    const release = await hold();
    const { code, errors } = await start({});
    expect(errors).toEqual([expect.stringMatching(/^A hotline already runs on .+ \(process \d+\)\. Stop it, or choose another folder/)]);
    expect(code).toBe(1);
    release();
    writeFileSync(join(folder, 'data/lock.json'), JSON.stringify({ pid: process.pid, startedAt: '1' }));
    (await hold())();
  });

  it('for a full disk, whatever word it has for it', () => {
    const folders = { dataDir: folder, cacheDir: folder };
    const failure = new ProgramError('PostgreSQL could not create its data: FATAL: could not write: No space left on device');
    expect(explainFailure(failure, folders)).toEqual(new SetupError(`The disk is full: ${failure.message}. Free some space, or choose other folders by HOTLINE_DATA_DIR and HOTLINE_CACHE_DIR.`));
    const mistake = new SetupError('TCP port 1 is in use.');
    expect(explainFailure(mistake, folders)).toBe(mistake);
  });

  it('keeps its secrets, and listens nowhere else, when a setting is set to nothing', () => {
    mkdirSync(join(folder, 'secrets'));
    expect(loadSecrets(join(folder, 'secrets'))).toEqual(loadSecrets(join(folder, 'secrets')));
    expect(readSettings({ HOTLINE_LISTEN: '', HOTLINE_HTTP_PORT: '' })).toMatchObject({ listen: '127.0.0.1', ports: { http: 8345 } });
  });

  it('for a demo call without a hotline', async () => {
    expect(await start({}, 'demo-call.ts')).toEqual({ code: 1, errors: [expect.stringMatching(/^No hotline was started with the data folder .+\. Run `npm start` first/)] });
    const left = join(folder, 'left');
    mkdirSync(left);
    const account = { login: 'operator1', password: 'x' };
    writeFileSync(join(left, 'first-run.json'), JSON.stringify({ admin: account, supervisor: account, operators: [account], seats: [] }));
    const cacheDir = readSettings(process.env).cacheDir;
    expect(await start({ HOTLINE_DATA_DIR: left, HOTLINE_CACHE_DIR: cacheDir }, 'demo-call.ts')).toEqual({ code: 1, errors: [expect.stringMatching(/^No hotline answers at http:.+\. Run `npm start` first/)] });
  });

  it('for a three-way demo whose unit has nowhere to listen, or whose hotline would call somebody else', async () => {
    const data = join(folder, 'no-peer');
    mkdirSync(join(data, 'asterisk/etc'), { recursive: true });
    const account = { login: 'operator1', password: 'x' };
    writeFileSync(join(data, 'first-run.json'), JSON.stringify({ admin: account, supervisor: account, operators: [account], seats: [] }));
    writeFileSync(join(data, 'asterisk/etc/pjsip.conf'), '[trunk]\ncontact = sip:carrier.example:5060\n');
    const given = { HOTLINE_DATA_DIR: data, HOTLINE_CACHE_DIR: readSettings(process.env).cacheDir };
    const expectLine = async (peer: string, line: RegExp): Promise<void> =>
      expect(await start({ ...given, HOTLINE_TRUNK_PEER: peer }, 'demo-threeway.ts')).toEqual({ code: 1, errors: [expect.stringMatching(line)] });
    const here = `127.0.0.1:${ports.trunkPeer}`;
    const socket = createSocket('udp4').bind(Number(here.split(':')[1]), '127.0.0.1');
    await expectLine(here, /^UDP port \d+ is in use\. Free it, or choose another by HOTLINE_TRUNK_PEER\.$/);
    await new Promise<void>((resolve) => socket.close(() => resolve()));
    await expectLine('203.0.113.9:5080', /^HOTLINE_TRUNK_PEER=203\.0\.113\.9 is no address of this machine/);
    await expectLine('127.0.0.1:99999', /^HOTLINE_TRUNK_PEER=127\.0\.0\.1:99999 must be an address of this machine and a port/);
    await expectLine(here, /^The hotline does not call out to 127\.0\.0\.1:\d+\. Give this command the HOTLINE_TRUNK_PEER/);
  });

  it('leaves no half cache: a build that failed or was killed is gone', async () => {
    const target = join(folder, 'made/thing');
    const left = `${target}.999999999-1`;
    mkdirSync(left, { recursive: true });
    await expect(makeOnce(target, (work) => { mkdirSync(work); throw new Error('disk full'); })).rejects.toThrow('disk full');
    expect(readdirSync(join(folder, 'made'))).toEqual([]);
    await makeOnce(target, (work) => { mkdirSync(work); });
    expect(readdirSync(join(folder, 'made'))).toEqual(['thing']);
  });
});
