import { parseIpNetwork } from '@signpost/delivery';
import { buildMessage, ValidateBy } from 'class-validator';

/** Each element of the field is a network in CIDR notation, IPv4 or IPv6, or a single address. */
export function AreCidrs(): PropertyDecorator {
  return ValidateBy(
    {
      name: 'cidr',
      validator: {
        validate: (value: unknown) => typeof value === 'string' && parseIpNetwork(value) !== null,
        defaultMessage: buildMessage(
          (eachPrefix) =>
            `${eachPrefix}$property must be a network in CIDR notation, such as 203.0.113.0/24 or 2001:db8::/32`,
          { each: true },
        ),
      },
    },
    { each: true },
  );
}
