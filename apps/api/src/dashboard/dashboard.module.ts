import { Module } from '@nestjs/common';
import { dashboardDirectory, readDashboardPage } from './dashboard-files';
import { DASHBOARD_PAGE, DashboardController } from './dashboard.controller';

@Module({
  controllers: [DashboardController],
  providers: [{ provide: DASHBOARD_PAGE, useFactory: () => readDashboardPage(dashboardDirectory()) }],
})
export class DashboardModule {}
