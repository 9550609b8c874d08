import { Counter, Gauge, type Registry } from 'prom-client';
import type { AmiConnection } from './ami-connection.ts';
import type { AriConnection } from './ari-connection.ts';

/** The connections to Asterisk in numbers, read at each scrape; only the process that leads telephony is connected. */
export function telephonyMetrics(ari: AriConnection, ami: AmiConnection): (registry: Registry) => void {
  return (registry) => {
    const registers = [registry];
    new Gauge({ name: 'hotline_ari_connected', help: 'Whether Asterisk’s events (ARI) reach this process', registers, collect() { this.set(ari.isConnected ? 1 : 0); } });
    new Gauge({ name: 'hotline_ami_connected', help: 'Whether this process is logged in to Asterisk’s manager (AMI)', registers, collect() { this.set(ami.isConnected ? 1 : 0); } });
    new Counter({
      name: 'hotline_ari_connections_total', help: 'Event connections (ARI) opened since this process started', registers,
      collect() { this.reset(); this.inc(ari.epoch); },
    });
    new Counter({
      name: 'hotline_ari_events_dropped_total', help: 'ARI events dropped: of a type nobody knows, or not to be read', labelNames: ['reason'], registers,
      collect() {
        this.reset();
        for (const [reason, count] of Object.entries(ari.dropped)) this.inc({ reason }, count);
      },
    });
  };
}
