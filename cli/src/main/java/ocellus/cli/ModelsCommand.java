package ocellus.cli;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import ocellus.models.KnownModel;
import ocellus.models.ModelFamily;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code ocellus models}: which networks can be run. */
final class ModelsCommand implements Command {
  @Override
  public String name() {
    return "models";
  }

  @Override
  public String summary() {
    return "list the networks that can be run";
  }

  @Override
  public void describe(CommandSpec spec) {
    spec.addOption(Options.format("text", "jsonl", "csv", "markdown"));
    spec.usageMessage()
        .footer(
            "",
            "Parameters and multiply-adds (GMAC: 10^9) are those of timm's model with its own"
                + " classifier,",
            "on one image of the size that is given.",
            "",
            "Examples:",
            "  ocellus models | grep vit_small",
            "  ocellus models --format csv > models.csv");
  }

  @Override
  public int run(ParseResult args, Console console) throws IOException {
    LineWriter lines = new LineWriter(console.out());
    List<ModelFamily> families = ModelFamily.all();
    switch (Options.format(args)) {
      case "jsonl" -> printJson(families, lines);
      case "csv" -> printCsv(families, lines);
      case "markdown" -> printMarkdown(families, lines);
      default -> printText(families, lines);
    }
    return ExitCode.DONE;
  }

  private static void printText(List<ModelFamily> families, LineWriter lines) throws IOException {
    for (ModelFamily family : families) {
      lines.print(family.name() + transformers(family, "; transformers: ", ""));
      for (KnownModel m : family.models()) {
        lines.print(
            "  %-48s %9s %10s  %s"
                .formatted(m.architecture(), millions(m) + " M", giga(m) + " GMAC", size(m)));
      }
    }
  }

  private static void printMarkdown(List<ModelFamily> families, LineWriter lines)
      throws IOException {
    lines.print("# Models\n\nThis page is what `ocellus models --format markdown` prints.");
    for (ModelFamily family : families) {
      lines.print("\n## " + family.name() + "\n");
      if (!family.modelTypes().isEmpty()) {
        lines.print(
            "As transformers saves it, with the `model_type` " + transformers(family, "", "."));
      }
      if (!family.models().isEmpty()) {
        lines.print("\n| timm | parameters | GMAC | input |\n|---|---:|---:|---|");
      }
      for (KnownModel m : family.models()) {
        lines.print(
            "| %s | %s M | %s | %s |".formatted(m.architecture(), millions(m), giga(m), size(m)));
      }
    }
  }

  private static String transformers(ModelFamily family, String before, String after) {
    return family.modelTypes().isEmpty()
        ? ""
        : before + String.join(", ", family.modelTypes()) + after;
  }

  private static void printCsv(List<ModelFamily> families, LineWriter lines) throws IOException {
    lines.print("family,architecture,parameters,multiply_adds,channels,height,width");
    for (ModelFamily family : families) {
      for (KnownModel m : family.models()) {
        lines.print(
            Csv.row(
                List.of(
                    family.name(),
                    m.architecture(),
                    m.parameters(),
                    m.multiplyAdds(),
                    m.channels(),
                    m.height(),
                    m.width())));
      }
    }
  }

  private static void printJson(List<ModelFamily> families, LineWriter lines) throws IOException {
    for (ModelFamily family : families) {
      for (KnownModel m : family.models()) {
        Json json = new Json().beginObject().key("family").value(family.name());
        json.key("architecture").value(m.architecture());
        json.key("parameters").value(m.parameters());
        json.key("multiply_adds").value(m.multiplyAdds());
        json.key("input").beginObject().key("height").value(m.height());
        json.key("width").value(m.width()).key("channels").value(m.channels()).endObject();
        lines.print(json.endObject().toString());
      }
    }
  }

  private static String millions(KnownModel model) {
    return String.format(Locale.ROOT, "%.1f", model.parameters() / 1e6);
  }

  private static String giga(KnownModel model) {
    return String.format(Locale.ROOT, "%.2f", model.multiplyAdds() / 1e9);
  }

  private static String size(KnownModel model) {
    String pixels = model.height() + " x " + model.width();
    return model.channels() == 3 ? pixels : pixels + " x " + model.channels();
  }
}
