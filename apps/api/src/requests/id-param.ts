import { Param, type PipeTransform } from '@nestjs/common';
import { decodeId, type IdOf } from '@signpost/domain';
import { type FindableKind, notFound } from '../problems/not-found';

class IdPipe<K extends FindableKind> implements PipeTransform<string, IdOf<K>> {
  constructor(private readonly kind: K) {}

  transform(text: string): IdOf<K> {
    const id = decodeId(this.kind, text);
    if (id === null) throw notFound(this.kind);
    return id;
  }
}

/** The id of one kind of thing in the path, decoded. What is not such an id answers like a thing that does not exist. */
export function IdParam(kind: FindableKind, name = 'id'): ParameterDecorator {
  return Param(name, new IdPipe(kind));
}
