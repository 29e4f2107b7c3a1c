import { Module } from '@nestjs/common';
import { KeyUsageModule } from '../key-usage/key-usage.module';
import { ApiKeysController } from './api-keys.controller';
import { KeyUsageController } from './key-usage.controller';
import { VerifyKeyController } from './verify-key.controller';

@Module({ imports: [KeyUsageModule], controllers: [ApiKeysController, KeyUsageController, VerifyKeyController] })
export class ApiKeysModule {}
