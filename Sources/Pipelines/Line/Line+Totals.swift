import Media

extension Line {
  /// A count since the line began, for `status` and the metrics.
  struct Total {
    var key: String
    /// What it counts.
    var help: String
    var value: UInt64

    init(_ key: String, _ value: UInt64, _ help: String) {
      self.key = key
      self.value = value
      self.help = help
    }
  }

  var totals: [Total] {
    let counts = reader.counts
    return [
      Total("packets", counts.packets, "Packets read from the source"),
      Total("bytes", counts.bytes, "Bytes of packets read from the source"),
      Total("frames_decoded", counts.decoded, "Frames decoded"),
      Total("frames_looked_at", counters.frames.value, "Frames that the analysis took in"),
      Total("frames_skipped", counters.skipped.value, "Frames passed over by the gate"),
      Total("frames_skipped_budget", counters.skippedForBudget.value, "Of these, for lack of budget"),
      Total("frames_left_undecoded", counts.leftOut, "Frames not decoded, to save work"),
      Total("frames_lapped", counters.lapped.value, "Frames decoded that the analysis was too slow to see"),
      Total("frames_unreadable", counters.unreadable.value, "Frames that could not be looked at"),
      Total("frames_damaged", counts.damagedFrames, "Frames decoded with faults"),
      Total("packets_corrupt", counts.corruptPackets, "Packets that the decoder refused"),
      Total("packets_before_key", counts.discarded, "Packets passed over before the first key frame"),
      Total(
        "packets_passed_over", counts.passedOver,
        "Packets passed over up to a key frame, as decoding had fallen behind"),
      Total("packets_not_kept", reader.history.dropped, "Packets too large for the look-back"),
      Total("reconnects", counts.reconnects, "Times that the source was tried again"),
      Total("discontinuities", counts.discontinuities, "Times that the source was interrupted or changed"),
      Total("times_made_up", counts.madeUpTimes, "Frames without a usable time of their own"),
      Total("ticks", counters.ticks.value, "Frame records"),
      Total("ticks_stale", counters.staleTicks.value, "Frame records without a new frame"),
      Total(
        "ticks_late", counters.lateTicks.value, "Frame records that were never told, by overload or suspend"),
      Total("questions_asked", counters.asked.value, "Questions to language models"),
      Total(
        "model_calls", counters.calls.value, "Calls of language models, each with one or several questions"),
      Total("questions_answered", counters.answered.value, "Questions that a language model answered"),
      Total("questions_unanswered", counters.unanswered.value, "Questions that had no answer"),
      Total("pictures_dropped", counters.picturesDropped.value, "Pictures for questions that were left out"),
      Total("looks", counters.looks.value, "Looks of the detector"),
      Total("looks_failed", counters.looksFailed.value, "Looks of the detector that failed"),
      Total("looks_late", counters.looksLate, "Looks of the detector whose answer came too late"),
      Total(
        "looks_short", counters.looksShort,
        "Frames in which something was to be looked at and had to wait, by the allowance or the device"),
      Total("events", counters.events.value, "Event records"),
    ]
  }
}
