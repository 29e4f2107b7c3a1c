import { Module } from '@nestjs/common';
import { dashboardDirectory } from './dashboard-files';
import { DASHBOARD_DIRECTORY, DashboardController } from './dashboard.controller';

@Module({
  controllers: [DashboardController],
  providers: [{ provide: DASHBOARD_DIRECTORY, useFactory: dashboardDirectory }],
})
export class DashboardModule {}
