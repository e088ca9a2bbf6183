package queue

// DeviceOf is the device that is followed for an agent.
func DeviceOf(a Agent) string { return a.device() }
