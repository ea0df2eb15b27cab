import { describe, expect, test } from 'vitest';
import { stsHandler } from './sts-handler.ts';

const caller = { account: '123456789012', accessKeyId: 'AKIDEXAMPLE' };
const sts = stsHandler({ requestId: () => 'request-1' });

describe('STS', () => {
  test('tells the caller who it is', () => {
    const reply = sts('Action=GetCallerIdentity&Version=2011-06-15', caller);
    expect(reply.status).toBe(200);
    expect(reply.headers['content-type']).toBe('text/xml');
    expect(
      reply.body,
    ).toBe(`<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <GetCallerIdentityResult>
    <Arn>arn:aws:iam::123456789012:root</Arn>
    <UserId>123456789012</UserId>
    <Account>123456789012</Account>
  </GetCallerIdentityResult>
  <ResponseMetadata>
    <RequestId>request-1</RequestId>
  </ResponseMetadata>
</GetCallerIdentityResponse>
`);
  });

  test('names the partition of the Region that signed', () => {
    const reply = sts('Version=2011-06-15&Action=GetCallerIdentity', {
      ...caller,
      region: 'cn-north-1',
    });
    expect(reply.body).toContain('<Arn>arn:aws-cn:iam::123456789012:root</Arn>');
  });

  test.each(['Action=AssumeRole&Version=2011-06-15', 'Action=GetCallerIdentity', '', '%%%&&=='])(
    'has no other action: %j',
    (form) => {
      const reply = sts(form, caller);
      expect(reply.status).toBe(400);
      expect(reply.body).toContain('<Code>InvalidAction</Code>');
    },
  );

  test('repeats a hostile action as text only', () => {
    const action = encodeURIComponent('<a>&\u0000\uFFFE]]>');
    const { body } = sts(`Action=${action}&Version=2011-06-15`, caller);
    expect(body).toContain('operation &lt;a&gt;&amp;\uFFFD\uFFFD]]&gt; for version');
  });
});
