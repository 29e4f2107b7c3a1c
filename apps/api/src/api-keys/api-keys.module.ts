import { Module } from '@nestjs/common';
import { ApiKeysController } from './api-keys.controller';
import { VerifyKeyController } from './verify-key.controller';

@Module({ controllers: [ApiKeysController, VerifyKeyController] })
export class ApiKeysModule {}
