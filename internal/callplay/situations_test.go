package callplay_test

import "slices"

func situations() []situation {
	return slices.Concat(simpleSituations(), outsideSituations(), groupSituations(),
		holdSituations(), transferSituations(), pickupSituations())
}
