// ari-client 2.2.0 depends on the retired `request`, with 40 transitive packages, for one reachability
// probe: request(url, callback). This is that probe and nothing more.
const http = require('node:http');
const https = require('node:https');

module.exports = function request(url, callback) {
  const client = url.startsWith('https:') ? https : http;
  // A connection of its own, or the socket would stay open after ari-client has done.
  const probe = client.get(url, { timeout: 5000, agent: false }, (response) => {
    response.resume();
    response.on('error', callback);
    response.on('end', () => callback(null, response));
  });
  probe.on('timeout', () => probe.destroy(new Error('probe timed out')));
  probe.on('error', callback);
};
