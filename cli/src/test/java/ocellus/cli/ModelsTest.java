package ocellus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import ocellus.loaders.json.JsonObject;
import org.junit.jupiter.api.Test;

class ModelsTest {
  private static String print(String... arguments) {
    return Cli.run(arguments).expect(ExitCode.DONE).out();
  }

  @Test
  void aLineForEachArchitectureUnderItsFamily() {
    String text = print("models");
    assertTrue(text.contains("ConvNeXt; transformers: convnext"), text);
    assertTrue(
        text.lines()
            .anyMatch(l -> l.matches(" +vit_base_patch16_224 +86.6 M +17.* GMAC  224 x 224")),
        text);
  }

  @Test
  void formatsForProgramsAgree() {
    List<String> json = print("models", "--format", "jsonl").lines().toList();
    List<String> csv = print("models", "--format", "csv").lines().toList();
    assertEquals(
        "family,architecture,parameters,multiply_adds,channels,height,width", csv.getFirst());
    assertEquals(csv.size() - 1, json.size());
    for (int i = 0; i < json.size(); i++) {
      JsonObject object = JsonObject.parse("line", json.get(i).getBytes(StandardCharsets.UTF_8));
      String[] cells = csv.get(i + 1).split(",", -1);
      assertEquals(cells[1], object.string("architecture"));
      assertEquals(cells[2], object.raw("parameters").toString());
      assertEquals(cells[5], object.object("input").raw("height").toString());
    }
  }

  @Test
  void thePageOfModelsIsWhatIsPrinted() throws IOException {
    String page = Files.readString(Path.of("../src/docs/models.md"));
    assertEquals(
        page, print("models", "--format", "markdown"), "run ocellus models --format markdown");
  }
}
