export type { AppKind, Scope } from './app-kinds.ts'
export type { Call } from './call-log.ts'
export {
  type CloudRunCaller,
  type CloudRunFront,
  type CloudRunFrontOptions,
  createCloudRunFront,
} from './cloud-run-front.ts'
export type { LoginOptions } from './codes.ts'
export { mockPerson } from './codes.ts'
export { createSimulator } from './create-simulator.ts'
export type { FaultSettings } from './deliver.ts'
export { demoWorld } from './demo-world.ts'
export type { ActiveFault, FaultRule } from './fault-rules.ts'
export { type FaultName, faultNames, faults } from './faults.ts'
export type { Listener, ListenOptions } from './listener.ts'
export { encryptOpenData, type OpenData, type OpenDataKind, signMessage, signRawData } from './open-data.ts'
export type { Reply, Suffix } from './reply.ts'
export type { SimulatedIdentity, Simulator, SimulatorOptions } from './simulator.ts'
export { SimulatorError, type SimulatorErrorCode } from './simulator-error.ts'
export type { AppInput, PersonInput, Risk, Settings } from './world.ts'
export type { ContainerRequest } from './wx/cloud.ts'
export type { WireReply } from './wx/http.ts'
