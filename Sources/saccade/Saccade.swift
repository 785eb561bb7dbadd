import ArgumentParser

/// The command's name, help and parts.
struct Saccade: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "saccade",
    abstract: "Watches video and tells what moves where, since when, and whether the camera can be believed.",
    usage: "saccade <command> …",
    discussion: """
      Try it on a recording:
        saccade analyze walk.mp4 --overlay walk-seen.mp4 > walk.ndjson

      Watch a camera, and read its events in another terminal:
        echo 'source: rtsp://user:${CAM_PASSWORD}@10.0.0.9/stream1' > lobby.yaml
        saccade check lobby.yaml
        CAM_PASSWORD=… saccade run lobby.yaml
        saccade subscribe --type event --pretty

      Exit codes: 0 done, 64 wrong usage, 65 the input is no video, 66 no such input, 69 the daemon or the \
      camera can't be reached, 70 a fault of saccade itself, 71 the system refused something, 73 an output \
      can't be made, 74 reading or writing failed, 77 no permission, 78 a pipeline file is wrong.
      """,
    version: SaccadeVersion.text,
    subcommands: [
      RunCommand.self, AnalyzeCommand.self, SubscribeCommand.self, StatusCommand.self, ReloadCommand.self,
      RetryCommand.self, StopCommand.self,
      EventsCommand.self, JournalCommand.self, CheckCommand.self, ExplainCommand.self, CompileCommand.self,
      HooksCommand.self,
      ProbeCommand.self, EnginesCommand.self, SetupCommand.self,
    ])
}
