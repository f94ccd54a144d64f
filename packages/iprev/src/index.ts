export { checkIprev, type IprevDeps, type IprevResult, type IprevStatus } from './check-iprev.ts';
