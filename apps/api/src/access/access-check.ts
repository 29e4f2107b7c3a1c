import { Injectable, type OnModuleInit } from '@nestjs/common';
import { PATH_METADATA } from '@nestjs/common/constants.js';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { ACCESS_RULE } from './access.decorator';

/** Keeps a process from starting with a route that does not say who may call it. */
@Injectable()
export class AccessCheck implements OnModuleInit {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
  ) {}

  /** @throws Error that names each handler without `@Access` or `@Public` */
  onModuleInit(): void {
    const unguarded = this.discovery.getControllers().flatMap(({ metatype, name }) => {
      const prototype: unknown = metatype?.prototype;
      if (typeof prototype !== 'object' || prototype === null) return [];
      return this.scanner.getAllMethodNames(prototype).flatMap((method) => {
        const handler: unknown = Reflect.get(prototype, method);
        if (typeof handler !== 'function' || !Reflect.hasMetadata(PATH_METADATA, handler)) return [];
        return Reflect.hasMetadata(ACCESS_RULE, handler) ? [] : [`${name}.${method}`];
      });
    });
    if (unguarded.length > 0) throw new Error(`These routes lack @Access or @Public: ${unguarded.join(', ')}.`);
  }
}
