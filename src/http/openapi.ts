import type { FastifyDynamicSwaggerOptions, SwaggerTransform } from '@fastify/swagger';
import { sessionCookie } from '../auth/authenticate.ts';
import { tokenPermissions } from '../auth/permissions.ts';

/** Into the OpenAPI document: the permission a route needs, and how to prove who you are. Some routes need a person. */
const describePermission: SwaggerTransform = ({ schema, url, route }) => {
  const permission = route.config?.permission;
  const takesToken = url === '/api/events' || tokenPermissions.some((one) => [permission].flat().includes(one));
  const security = permission === 'public' ? [] : [{ session: [] }, ...(takesToken ? [{ token: [] }] : [])];
  return { schema: { ...schema, security, 'x-permission': permission }, url };
};

export const openapi: FastifyDynamicSwaggerOptions = {
  openapi: {
    openapi: '3.1.0',
    info: { title: 'Hotline 12345', version: '0.1.0', description: 'Calls, seats and cases of a city’s 12345 hotline.' },
    components: {
      securitySchemes: { session: { type: 'apiKey', in: 'cookie', name: sessionCookie }, token: { type: 'http', scheme: 'bearer' } },
    },
  },
  transform: describePermission,
};
