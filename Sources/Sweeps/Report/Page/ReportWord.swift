import Conditions

/// What a report's page says by itself, in English and Chinese. `{}` is filled in.
enum ReportWord: CaseIterable {
  case title, writtenBy, medical
  case pass, fail, failsWith, noLimit
  case statusReported, statusUndecided, statusFiltered, amongUndecided, found, largest
  case notListed, partOfList, notes, moreNotes
  case instruction, system, input, constraint, output, understood, all, diameterMeans
  case scan, source, format, size, spacing, noSpacing, slices, analysed, missing
  case precision, exact, eightBit, lossy, markedEightBit, markedLossy
  case greyValues, air, material, noise, edge, edgeValue
  case sizes, diameterAxis, count, limit, byKind, kind, location, totalVolume, total
  case part, fromTop, fromFront, fromSide, mapsHint
  case defects, none, filterText, filterKind, filterLocation, filterStatus, filterDiameter, any, reset, shown
  case picture, number, result, pictureHint, withoutScript
  case diameter, diameterWhole, volume, feret, enclosing, enclosingShort, surface, sphericity, compactness
  case gap, neighbourGap, depth, contrast, probability, voxels, centroid, box, event
  case floor, floorMeasured, floorEstimated
  case pore, inclusion, crack, isInternal, surfaceBreaking, truncated
  case above, below, undecidedAt
  case terms, uncertainty, uncertaintyMeans, feretMeans, enclosingMeans, sphericityMeans, compactnessMeans
  case gapMeans, contrastMeans, probabilityMeans, truncatedMeans, floorMeans, positionsMean
  case voxelUnit, voxelUnits

  func said(in tongue: Tongue) -> String { tongue == .en ? text.en : text.zh }

  private var text: (en: String, zh: String) {
    switch self {
    case .title: ("Defect report", "缺陷检测报告")
    case .writtenBy: ("Saccade {}", "Saccade {}")
    case .medical: ("Not for clinical use. For research only.", "不可用于临床，仅供研究。")

    case .pass: ("Pass", "合格")
    case .fail: ("Fail", "不合格")
    case .failsWith: ("The part fails with {} or more reported defects.", "报告的缺陷达到 {} 个即判为不合格。")
    case .noLimit: ("No limit to the number of defects was set.", "未设缺陷数量限值。")
    case .statusReported: ("Reported", "已报告")
    case .statusUndecided: ("Undecided", "未判定")
    case .statusFiltered: ("Not reported", "未报告")
    case .amongUndecided: ("of these, undecided", "其中未判定")
    case .found: ("Found", "检出")
    case .largest: ("Largest", "最大")
    case .notListed:
      (
        "Counted, not listed: holes that run through the part, {}; spots too faint or too small to be measured, {}.",
        "仅计数、未列出：贯穿孔 {} 个；对比度过低或过小而无法测量的斑点 {} 个。"
      )
    case .partOfList:
      (
        "This page lists {} of {} defects: reported ones first, then the largest. JSON and CSV hold them all.",
        "本页列出 {} / {} 个缺陷：先列已报告的，再列最大的。JSON 与 CSV 包含全部缺陷。"
      )
    case .notes: ("Notes on the scan", "扫描提示")
    case .moreNotes: ("{} more", "另有 {} 条")

    case .instruction: ("Instruction", "指令")
    case .system: ("System", "系统")
    case .input: ("Input", "输入")
    case .constraint: ("Constraint", "约束")
    case .output: ("Output", "输出")
    case .understood: ("Understood as", "理解为")
    case .all: ("Every defect is reported.", "报告所有缺陷。")
    case .diameterMeans:
      (
        "“Diameter” is the equivalent diameter: that of the sphere of equal volume.",
        "“直径”指等效直径，即与缺陷体积相等的球的直径。"
      )

    case .scan: ("Scan", "扫描")
    case .source: ("Source", "来源")
    case .format: ("Format", "格式")
    case .size: ("Size", "尺寸")
    case .spacing: ("Voxel spacing", "体素间距")
    case .noSpacing: ("unknown; lengths are in voxels", "未知；长度以体素计")
    case .slices: ("Slices", "切片")
    case .analysed: ("{} analysed", "已分析 {} 张")
    case .missing: ("{} missing", "缺失 {} 张")
    case .precision: ("Grey values", "灰度精度")
    case .exact: ("exact", "无损")
    case .eightBit: ("8 bit", "8 位")
    case .lossy: ("lossy ({})", "有损（{}）")
    case .markedEightBit:
      (
        "The scan has only 8 bits: every measure marked † is less certain than its ± says.",
        "扫描仅有 8 位灰度：凡标 † 的测量值，其误差可能大于所给不确定度。"
      )
    case .markedLossy:
      (
        "The scan was compressed with loss ({}): every measure marked † is less certain than its ± says.",
        "扫描经有损压缩（{}）：凡标 † 的测量值，其误差可能大于所给不确定度。"
      )
    case .greyValues: ("Levels", "灰度水平")
    case .air: ("air {}", "空气 {}")
    case .material: ("material {}", "材料 {}")
    case .noise: ("noise {}", "噪声 {}")
    case .edge: ("Edge blur", "边缘模糊")
    case .edgeValue: ("σ {} voxels", "σ {} 体素")

    case .sizes: ("Sizes", "尺寸分布")
    case .diameterAxis: ("Equivalent diameter, {}", "等效直径，{}")
    case .count: ("Defects", "缺陷数")
    case .limit: ("Limit {}", "限值 {}")
    case .byKind: ("By kind and location", "按类别与位置")
    case .kind: ("Kind", "类别")
    case .location: ("Location", "位置")
    case .totalVolume: ("Volume, {}", "总体积，{}")
    case .total: ("All", "合计")

    case .part: ("Part", "工件")
    case .fromTop: ("Along z (slices)", "沿 z（切片方向）")
    case .fromFront: ("Along y (rows)", "沿 y（行方向）")
    case .fromSide: ("Along x (columns)", "沿 x（列方向）")
    case .mapsHint:
      (
        "Circles have the equivalent diameter, to scale; the smallest are drawn larger, to be seen.",
        "圆按等效直径依比例绘制；过小的适当放大以便辨认。"
      )

    case .defects: ("Defects", "缺陷列表")
    case .none: ("No defects were found.", "未检出缺陷。")
    case .filterText: ("Number or event", "编号或事件")
    case .filterKind: ("Kind", "类别")
    case .filterLocation: ("Location", "位置")
    case .filterStatus: ("Result", "判定")
    case .filterDiameter: ("Diameter at least, {}", "直径不小于，{}")
    case .any: ("any", "全部")
    case .reset: ("Reset", "重置")
    case .shown: ("{} of {} shown", "显示 {} / {}")

    case .picture: ("Picture", "图像")
    case .number: ("No.", "编号")
    case .result: ("Result", "判定")
    case .pictureHint: ("slice {}", "切片 {}")
    case .withoutScript:
      ("Pictures, filters and sorting need JavaScript.", "图像、筛选与排序需要启用 JavaScript。")

    case .diameter: ("Diameter", "等效直径")
    case .diameterWhole: ("Equivalent diameter", "等效直径")
    case .volume: ("Volume", "体积")
    case .feret: ("Feret", "费雷特直径")
    case .enclosingShort: ("Enclosing", "外接球直径")
    case .enclosing: ("Enclosing sphere", "外接球直径")
    case .surface: ("Surface", "表面积")
    case .sphericity: ("Sphericity", "球形度")
    case .compactness: ("Compactness", "紧凑度")
    case .gap: ("To surface", "距表面")
    case .neighbourGap: ("To neighbour", "距最近缺陷")
    case .depth: ("Depth", "深度")
    case .contrast: ("Contrast", "对比度")
    case .probability: ("Probability", "概率")
    case .voxels: ("Voxels", "体素数")
    case .centroid: ("Centroid", "质心")
    case .box: ("Box, voxels", "外接框，体素")
    case .event: ("Event", "事件")
    case .floor: ("Level inside", "内部灰度")
    case .floorMeasured: ("measured", "实测")
    case .floorEstimated: ("estimated", "估计")

    case .pore: ("pore", "孔隙")
    case .inclusion: ("inclusion", "夹杂")
    case .crack: ("crack", "裂纹")
    case .isInternal: ("internal", "内部")
    case .surfaceBreaking: ("surface-breaking", "表面开口")
    case .truncated: ("truncated", "截断")

    case .above: ("above {}", "高于 {}")
    case .below: ("below {}", "低于 {}")
    case .undecidedAt: ("within ± of {}", "{} 在 ± 范围内")

    case .terms: ("What the words mean", "术语说明")
    case .uncertainty: ("Uncertainty (±)", "不确定度（±）")
    case .uncertaintyMeans:
      (
        "Half the width of the interval that holds the true value in 95 of 100 cases. Where it reaches over the limit, the result is undecided, and the defect is reported.",
        "真值以 95% 的概率落在该区间内，± 后为区间半宽。区间跨过限值时判为“未判定”，该缺陷仍予报告。"
      )
    case .feretMeans: ("The longest extent.", "最大长度（卡尺径）。")
    case .enclosingMeans: ("Diameter of the smallest sphere around the defect.", "包住缺陷的最小球的直径。")
    case .sphericityMeans:
      (
        "Surface of the sphere of equal volume over the defect's own: 1 for a sphere.",
        "等体积球的表面积与缺陷表面积之比；球为 1。"
      )
    case .compactnessMeans:
      ("Volume over that of the smallest sphere around the defect.", "体积与最小外接球体积之比。")
    case .gapMeans:
      ("Shortest way to the air around the part, and to the next defect.", "到工件外部空气、到最近缺陷的最短距离。")
    case .contrastMeans:
      ("Mean difference from the material over that of air.", "与材料的平均灰度差，相对于空气与材料之差。")
    case .probabilityMeans:
      ("That noise alone would not show such a spot anywhere in the part.", "该斑点并非仅由噪声造成的概率。")
    case .truncatedMeans:
      (
        "The defect goes on beyond the scan; its measures are of what is seen.",
        "缺陷延伸到扫描范围之外；测量值仅针对可见部分。"
      )
    case .floorMeans:
      (
        "Whether the grey level inside the defect could be measured, or was taken from what scatter and hardening usually leave.",
        "缺陷内部的灰度为实测，或按散射与射束硬化的一般影响估计。"
      )
    case .positionsMean:
      (
        "Slices, columns and rows count from 0; x, y, z run along rows, down columns and over slices, from the centre of the first voxel.",
        "切片、列、行均从 0 计；x、y、z 分别沿行、沿列、沿切片方向，原点为首个体素的中心。"
      )

    case .voxelUnit: ("voxel", "体素")
    case .voxelUnits: ("{} × {} × {} voxels", "{} × {} × {} 体素")
    }
  }
}

extension ReportWord {
  /// With the values where it has room for them.
  func said(in tongue: Tongue, _ values: [String]) -> String {
    var text = ""
    var rest = values[...]
    for (index, piece) in said(in: tongue).split(separator: "{}", omittingEmptySubsequences: false)
      .enumerated()
    {
      if index > 0 { text += rest.popFirst() ?? "" }
      text += piece
    }
    return text
  }

  init(_ kind: Defect.Kind) {
    self =
      switch kind {
      case .pore: .pore
      case .inclusion: .inclusion
      case .crack: .crack
      }
  }

  init(_ location: Defect.Location) {
    self =
      switch location {
      case .internal: .isInternal
      case .surfaceBreaking: .surfaceBreaking
      case .truncated: .truncated
      }
  }

  /// Nil for what isn't measured of a defect.
  init?(_ fact: Fact) {
    switch fact {
    case .diameter: self = .diameter
    case .volume: self = .volume
    case .feret: self = .feret
    case .enclosingDiameter: self = .enclosing
    case .surface: self = .surface
    case .sphericity: self = .sphericity
    case .compactness: self = .compactness
    case .gap: self = .gap
    case .neighbourGap: self = .neighbourGap
    case .depth: self = .depth
    case .contrast: self = .contrast
    case .probability, .score: self = .probability
    case .slices: self = .slices
    default: return nil
    }
  }
}
