import { Controller, Get } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { Access, Public } from './access.decorator';
import { AccessCheck } from './access-check';

@Controller('guarded')
class GuardedController {
  @Get()
  @Access({ operator: true })
  forOperators(): void {
    this.notARoute();
  }

  @Get('all')
  @Public()
  forAll(): void {
    this.notARoute();
  }

  notARoute(): void {
    return;
  }
}

@Controller('forgotten')
class ForgottenController extends GuardedController {
  @Get('one')
  one(): void {
    this.notARoute();
  }

  @Get('two')
  two(): void {
    this.notARoute();
  }
}

const start = async (controllers: (typeof GuardedController)[]) => {
  const module = await Test.createTestingModule({
    imports: [DiscoveryModule],
    controllers,
    providers: [AccessCheck],
  }).compile();
  await module.init();
  await module.close();
};

describe('AccessCheck', () => {
  it('lets a process start whose routes all say who may call them', async () => {
    await expect(start([GuardedController])).resolves.toBeUndefined();
  });

  it('keeps it from starting otherwise, and names every route that does not', async () => {
    await expect(start([GuardedController, ForgottenController])).rejects.toThrow(
      'These routes lack @Access or @Public: ForgottenController.one, ForgottenController.two.',
    );
  });
});
