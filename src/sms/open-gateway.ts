import type { Deps } from '../deps.ts';
import { consoleGateway } from './console-gateway.ts';
import { httpGateway } from './http-gateway.ts';
import { smppGateway } from './smpp-gateway.ts';
import type { SmsGateway } from './sms.ts';
import { takeReport } from './take-report.ts';

/** The gateway that the settings name; they were checked when they were read. */
export function openGateway(deps: Deps): SmsGateway {
  const { config, log } = deps;
  switch (config.HOTLINE_SMS_GATEWAY) {
    case 'http': return httpGateway({ url: config.HOTLINE_SMS_HTTP_URL, key: config.HOTLINE_SMS_HTTP_KEY });
    case 'smpp': {
      const { hostname, port, protocol, username, password } = new URL(config.HOTLINE_SMS_SMPP_URL);
      const settings = { host: hostname, port: Number(port || 2775), isTls: protocol === 'ssmpp:', systemId: decodeURIComponent(username), password: decodeURIComponent(password), sender: config.HOTLINE_SMS_SENDER, longTexts: config.HOTLINE_SMS_LONG_TEXTS };
      return smppGateway(settings, { log, onReport: (report) => takeReport(deps, 'smpp', report) });
    }
    case 'console': return consoleGateway(config.HOTLINE_DATA_DIR);
  }
}
