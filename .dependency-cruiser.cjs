/** A row of ARCHITECTURE.md's map imports rows below it, never sideways, never up. */
module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    { name: 'rules-are-pure', severity: 'error', from: { path: '-(machine|rules)\\.ts$' }, to: { path: '^(src/(db|http|jobs|telephony)/|node_modules/(pg|bullmq|fastify)|node:)', dependencyTypesNot: ['type-only'] } },
    { name: 'only-telephony-knows-asterisk', severity: 'error', from: { pathNot: '^src/telephony/' }, to: { path: 'node_modules/(ari-client|asterisk-manager)/' } },
    { name: 'telephony-is-an-edge', severity: 'error', from: { pathNot: '^src/(telephony/|main\\.ts$)' }, to: { path: '^src/telephony/' } },
    { name: 'cases-know-no-calls', severity: 'error', from: { path: '^src/cases/' }, to: { path: '^src/(calls|seats|routing|telephony)/' } },
    { name: 'recordings-know-no-calls', severity: 'error', from: { path: '^src/recordings/' }, to: { path: '^src/(calls|cases|seats|routing|telephony)/', dependencyTypesNot: ['type-only'] } },
    { name: 'seats-know-no-calls', severity: 'error', from: { path: '^src/seats/' }, to: { path: '^src/(calls|cases|telephony)/', dependencyTypesNot: ['type-only'] } },
    { name: 'campaigns-stand-on-surveys', severity: 'error', from: { path: '^src/campaigns/' }, to: { path: '^src/(calls|seats|routing|telephony|configuration|sms)/' } },
    { name: 'nobody-knows-campaigns', severity: 'error', from: { pathNot: '^src/(campaigns/|telephony/start-telephony\\.ts$|api\\.ts$)' }, to: { path: '^src/campaigns/' } },
    { name: 'ground-knows-no-domain', severity: 'error', from: { path: '^src/(db|jobs|log|errors|config)(/|\\.ts$)' }, to: { path: '^src/(auth|calls|cases|seats|routing|telephony|http)/', dependencyTypesNot: ['type-only'] } },
  ],
  options: { doNotFollow: { path: 'node_modules' }, tsConfig: { fileName: 'tsconfig.json' }, tsPreCompilationDeps: true, enhancedResolveOptions: { extensions: ['.ts', '.js', '.cjs', '.mjs'] } },
};
