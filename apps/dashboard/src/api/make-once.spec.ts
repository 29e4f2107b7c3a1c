import { makeOnce } from './make-once';

describe('makeOnce', () => {
  const old = { id: 'old', name: 'Storefront' };
  const isIt = ({ name }: { name: string }) => name === 'Storefront';
  let things: { id: string; name: string }[];
  const store = (name: string) => {
    const thing = { id: `new-${things.length}`, name };
    things.push(thing);
    return Promise.resolve(thing);
  };
  const unheard = (name: string) => store(name).then(() => Promise.reject(new Error('The answer was lost.')));
  const list = { known: () => undefined, read: () => Promise.resolve([...things]) };

  beforeEach(() => {
    things = [old];
  });

  it('makes nothing anew that a try before has made, and makes one beside a like one that was there', async () => {
    const once = makeOnce(list);
    await expect(once({ make: () => unheard('Storefront'), isIt, adopt: (item) => item })).rejects.toThrow('lost');
    const made = await once({ make: () => store('Storefront'), isIt, adopt: (item) => item });
    expect(made.id).toBe('new-1');
    expect(things).toHaveLength(2);
  });

  it('makes it at a further try if none before has, and if what has come since is another', async () => {
    const once = makeOnce(list);
    const refused = () => Promise.reject<typeof old>(new Error('Not valid.'));
    await expect(once({ make: refused, isIt, adopt: (item) => item })).rejects.toThrow('Not valid');
    await store('Another');
    const made = await once({ make: () => store('Storefront'), isIt, adopt: (item) => item });
    expect(made).toEqual({ id: 'new-2', name: 'Storefront' });
  });
});
