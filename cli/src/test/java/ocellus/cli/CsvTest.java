package ocellus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class CsvTest {
  @Test
  void quotesOnlyWhatHasTo() {
    assertEquals("plain name.jpg,1,0.25,", Csv.row(List.of("plain name.jpg", 1, 0.25f, "")));
    assertEquals(
        "\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\",\"\r\"",
        Csv.row(List.of("a,b", "say \"hi\"", "two\nlines", "\r")));
  }
}
