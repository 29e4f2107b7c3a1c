const LINES = [
  { id: '7312458890211540994', sku: 'MUG-STONE-350', name: 'Stoneware mug, 350 ml', quantity: 4, total: '53.64' },
  { id: '7312458890211540995', sku: 'TEA-SENCHA-100', name: 'Sencha, first flush, 100 g', quantity: 2, total: '36.00' },
  { id: '7312458890211540996', sku: 'GIFT-WRAP', name: 'Gift wrap', quantity: 1, total: '10.00' },
].map(
  ({ id, sku, name, quantity, total }) =>
    `{"id":${id},"sku":"${sku}","name":"${name}","quantity":${quantity},"total":${total},"taxRate":0.19}`,
);
const NUMBER_DIGITS = 10;
const HEAD = '{"type":"order.create","data":';
const DATA_HEAD = '{"id":"';
const CUSTOMER =
  '","status":"pending","paymentStatus":"authorized","currency":"EUR","total":104.54,' +
  '"customer":{"id":5520183347716620289,"email":"zoe@example.com","name":"Zoe Nguyen"},' +
  '"billingAddress":{"line1":"Lange Reihe 42","postalCode":"20099","city":"Hamburg","country":"DE"},"lines":[';
const NOTE = '],"note":"';
const TAIL = '"}';
/** The size without lines and with an empty note. */
const BARE_BYTES = DATA_HEAD.length + NUMBER_DIGITS + CUSTOMER.length + NOTE.length + TAIL.length;

/** Makes orders of the same size, in plain ASCII: as many lines as fit, and a note that fills the rest. */
export class OrderTemplate {
  private readonly rest: string;

  /** @param dataBytes - the size of the event's data, at least 400 */
  constructor(dataBytes: number) {
    const lines: string[] = [];
    let left = dataBytes - BARE_BYTES;
    for (let index = 0; ; index += 1) {
      const line = LINES[index % LINES.length] ?? '';
      const bytes = line.length + (index === 0 ? 0 : 1);
      if (bytes > left) break;
      lines.push(line);
      left -= bytes;
    }
    if (left < 0) throw new RangeError(`An order of ${dataBytes} bytes is too small.`);
    this.rest = `${CUSTOMER}${lines.join(',')}${NOTE}${'.'.repeat(left)}${TAIL}`;
  }

  /** The order with this number, as JSON text. */
  data(orderNumber: number): string {
    return `${DATA_HEAD}${String(orderNumber).padStart(NUMBER_DIGITS, '0')}${this.rest}`;
  }

  /** The body of the request that publishes it. */
  body(orderNumber: number): string {
    return `${HEAD}${this.data(orderNumber)}}`;
  }

  /** The body of the request that publishes so many at once, beginning with this number. */
  batchBody(orderNumber: number, count: number): string {
    const events = Array.from({ length: count }, (_, index) => this.body(orderNumber + index));
    return `{"events":[${events.join(',')}]}`;
  }
}
