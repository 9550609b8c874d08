import { envSchema } from 'env-schema';
import { Type, type Static } from 'typebox';

const schema = Type.Object({
  DATABASE_URL: Type.String({ minLength: 1, description: 'PostgreSQL connection URL' }),
  REDIS_URL: Type.String({ minLength: 1, description: 'Redis or Valkey URL, for BullMQ only' }),
  ASTERISK_ARI_URL: Type.String({ minLength: 1, description: 'http://host:port/ari of the Asterisk server' }),
  ASTERISK_ARI_USER: Type.String({ minLength: 1 }),
  ASTERISK_ARI_PASSWORD: Type.String({ minLength: 1 }),
  ASTERISK_AMI_HOST: Type.String({ default: '127.0.0.1' }),
  ASTERISK_AMI_PORT: Type.Integer({ default: 5038, minimum: 1, maximum: 65535 }),
  ASTERISK_AMI_USER: Type.String({ minLength: 1 }),
  ASTERISK_AMI_PASSWORD: Type.String({ minLength: 1 }),
  HOTLINE_HTTP_HOST: Type.String({ default: '127.0.0.1' }),
  HOTLINE_HTTP_PORT: Type.Integer({ default: 8345, minimum: 0, maximum: 65535 }),
  HOTLINE_PUBLIC_ORIGIN: Type.String({ default: '', description: 'Origin browsers use, when it is not the listening address' }),
  HOTLINE_TRUSTED_PROXIES: Type.String({ default: '', description: 'Addresses of reverse proxies, comma-separated: their X-Forwarded-For is believed' }),
  HOTLINE_REQUESTS_PER_MINUTE: Type.Integer({ default: 1_200, minimum: 1, description: 'Requests one address may send a minute' }),
  HOTLINE_SECURE_COOKIES: Type.Boolean({ default: false, description: 'true behind HTTPS: cookies get Secure' }),
  HOTLINE_DATA_DIR: Type.String({ default: './.hotline' }),
  HOTLINE_RECORDINGS_DIR: Type.String({ default: './.hotline/recordings' }),
  HOTLINE_PROMPTS_DIR: Type.String({ default: './.hotline/asterisk/data/sounds/zh/hotline', description: 'Folder that Asterisk sees as well: recorded prompts, and the queues and numbers of its own' }),
  HOTLINE_DEMO_OPERATORS: Type.Boolean({ default: false, description: 'true: operators of a first run keep their first password, so that a demonstration needs no hands' }),
  HOTLINE_SEAT_SIP_PORT: Type.Integer({ default: 5062 }),
  HOTLINE_TRUNK_SIP_PORT: Type.Integer({ default: 5060 }),
  HOTLINE_ROLES: Type.String({ default: 'telephony,api,jobs', pattern: '^(telephony|api|jobs)(,(telephony|api|jobs))*$' }),
  HOTLINE_LOG_LEVEL: Type.String({ default: 'info', pattern: '^(fatal|error|warn|info|debug|trace|silent)$' }),
  HOTLINE_CASE_CODE_KEY: Type.String({ minLength: 16, description: 'Secret out of which the codes follow by which citizens ask for their case; another one makes all codes others' }),
  HOTLINE_IDENTITY_KEYS: Type.String({ minLength: 40, description: 'id:key[,id:key], newest first, each key 32 bytes in base64: by the first the names and numbers of citizens are sealed, by all of them opened' }),
  HOTLINE_SMS_GATEWAY: Type.Enum(['console', 'http', 'smpp'], { default: 'console', description: 'Who carries text messages; console writes them to sms.jsonl in the data folder' }),
  HOTLINE_SMS_HTTP_URL: Type.String({ default: '', description: 'http: where messages are posted' }),
  HOTLINE_SMS_HTTP_KEY: Type.String({ default: '', description: 'http: secret that signs messages and delivery reports, 16 characters or more' }),
  HOTLINE_SMS_SMPP_URL: Type.String({ default: '', description: 'smpp: smpp://system-id:password@host:port, or ssmpp:// with TLS' }),
  HOTLINE_SMS_SENDER: Type.String({ default: '12345', pattern: '^[0-9A-Za-z]{1,20}$', description: 'smpp: whom messages come from' }),
  HOTLINE_SMS_LONG_TEXTS: Type.Enum(['parts', 'payload'], { default: 'parts', description: 'smpp: texts of more than 70 characters go in parts with headers (UDH), which every centre takes, or whole as message_payload' }),
  HOTLINE_AREA_CODE: Type.String({ default: '0571', pattern: '^0\\d{2,3}$', description: 'Area code of local landline numbers' }),
});

export type Config = Readonly<Static<typeof schema>>;

/**
 * The service's settings: every environment variable it reads stands in this file.
 * @throws Error with one line that names the variable at fault.
 */
export function loadConfig(env: NodeJS.ProcessEnv): Config {
  const config = envSchema<Config>({ schema, data: env, dotenv: false, env: false });
  checkSms(config);
  return config;
}

/** What a gateway needs must be there before the first message, not at it. */
function checkSms({ HOTLINE_SMS_GATEWAY: gateway, HOTLINE_SMS_HTTP_URL: httpUrl, HOTLINE_SMS_HTTP_KEY: httpKey, HOTLINE_SMS_SMPP_URL: smppUrl }: Config): void {
  if (gateway === 'http' && !/^https?:$/.test(protocolOf(httpUrl))) throw new Error('HOTLINE_SMS_HTTP_URL must be an address (https://…) when HOTLINE_SMS_GATEWAY is http');
  if (gateway === 'http' && httpKey.length < 16) throw new Error('HOTLINE_SMS_HTTP_KEY must have 16 characters or more when HOTLINE_SMS_GATEWAY is http');
  if (gateway === 'smpp' && !/^s?smpp:$/.test(protocolOf(smppUrl))) throw new Error('HOTLINE_SMS_SMPP_URL must be smpp://system-id:password@host:port when HOTLINE_SMS_GATEWAY is smpp');
}

function protocolOf(url: string): string {
  return URL.canParse(url) ? new URL(url).protocol : '';
}

export function hasRole(config: Config, role: 'telephony' | 'api' | 'jobs'): boolean {
  return config.HOTLINE_ROLES.split(',').includes(role);
}
