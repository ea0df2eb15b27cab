import { GetTopicAttributesCommand, PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { partitionOf } from '../../domain/trails/trail-arn.ts';
import type { Neighbours } from '../../ports/neighbours.ts';
import type { Notices } from '../../ports/notices.ts';
import { clientSettings, type EndpointOptions, errorCode, perRegion } from './client-settings.ts';

/** Topics of an SNS endpoint: notices are published there. */
export function snsNotices(options: EndpointOptions): Pick<Notices, 'publish'> {
  const clientOf = perRegion((region) => new SNSClient(clientSettings(options, region)));
  return {
    async publish(topicArn, message) {
      try {
        await clientOf(topicArn).send(new PublishCommand({ TopicArn: topicArn, Message: message }));
        return { outcome: 'sent' };
      } catch (error) {
        return { outcome: 'refused', code: snsCode(error), message: (error as Error).message };
      }
    },
  };
}

/**
 * Topics of an SNS endpoint, as trails ask for them. Whether CloudTrail itself may publish is not
 * known here: a topic that we can see counts as usable. Rejects when the endpoint gives no answer.
 */
export function snsTopics(options: EndpointOptions): Pick<Neighbours, 'topic'> {
  const clientOf = perRegion((region) => new SNSClient(clientSettings(options, region)));
  return {
    async topic(nameOrArn, { account, region }) {
      const start = `arn:${partitionOf(region)}:sns:${region}:${account}`;
      const arn = nameOrArn.startsWith('arn:') ? nameOrArn : `${start}:${nameOrArn}`;
      if (!topicShape.test(arn)) return { arn: nameOrArn, state: 'missing' };
      try {
        await clientOf(arn).send(new GetTopicAttributesCommand({ TopicArn: arn }));
        return { arn, state: 'usable' };
      } catch (error) {
        const code = snsCode(error);
        if (code === 'NotFound' || code === 'InvalidParameter') return { arn, state: 'missing' };
        if (code === 'AuthorizationError') return { arn, state: 'denied' };
        throw error;
      }
    },
  };
}

const topicShape = /^arn:aws[a-z-]{0,20}:sns:[a-z0-9-]{1,40}:\d{12}:[\w-]{1,256}(?:\.fifo)?$/;

/** SNS's codes on the wire have no suffix, and GetTrailStatus shows them as on the wire. */
function snsCode(error: unknown): string {
  return errorCode(error).replace(/Exception$/, '');
}
