package ocellus.models;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import ocellus.engine.OcellusException;
import ocellus.loaders.text.TextLines;

/**
 * A class described in words.
 *
 * @param name what predictions call it
 * @param prompts the texts that describe it, each put into every template; at least one
 */
public record Label(String name, List<String> prompts) {
  /**
   * @throws OcellusException if the name is not one line, a prompt is blank, or there are none
   */
  public Label {
    prompts = List.copyOf(prompts);
    if (name.isBlank() || name.lines().count() != 1) {
      throw new OcellusException("a label is '%s', expected one line of words".formatted(name));
    }
    if (prompts.isEmpty() || prompts.stream().anyMatch(String::isBlank)) {
      throw new OcellusException("label '" + name + "' has a blank prompt; describe it in words");
    }
  }

  /** A label whose name describes it. */
  public static Label of(String name) {
    return new Label(name, List.of(name));
  }

  /**
   * Reads labels, one a line; after a tab, a prompt that describes the label in place of its name.
   * The prompts of a label that is named several times are put together.
   *
   * @throws OcellusException if the file cannot be read, is not in UTF-8, has no labels, or has a
   *     prompt without one
   */
  public static List<Label> read(Path file) {
    Map<String, List<String>> prompts = new LinkedHashMap<>();
    for (String line : TextLines.read(file)) {
      int tab = line.indexOf('\t');
      String name = (tab < 0 ? line : line.substring(0, tab)).strip();
      String prompt = tab < 0 ? name : line.substring(tab + 1).strip();
      if (name.isEmpty()) {
        throw new OcellusException(
            "%s: there is no label before the tab and '%s'; write one".formatted(file, prompt));
      }
      prompts.computeIfAbsent(name, _ -> new ArrayList<>()).add(prompt);
    }
    if (prompts.isEmpty()) {
      throw new OcellusException(file + ": there are no labels in it; write one a line");
    }
    return prompts.entrySet().stream().map(e -> new Label(e.getKey(), e.getValue())).toList();
  }
}
