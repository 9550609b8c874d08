import { Ajv, type Options } from 'ajv';
import addFormats from 'ajv-formats';
import type { FastifySchemaCompiler } from 'fastify';
import type { TSchema } from 'typebox';

const common: Options = { removeAdditional: false, useDefaults: true, allErrors: true };

/**
 * Addresses carry text only, so their numbers and booleans are read out of it. A JSON body says what it means: taken
 * literally, or `null` would become an empty text, and `true` the text "true".
 */
export function createValidator(): FastifySchemaCompiler<TSchema> {
  const address = withFormats(new Ajv({ ...common, coerceTypes: true }));
  const body = withFormats(new Ajv(common));
  return ({ schema, httpPart }) => (httpPart === 'body' ? body : address).compile(schema);
}

function withFormats(ajv: Ajv): Ajv {
  addFormats.default(ajv, ['date-time']);
  return ajv;
}
