#include "ctoml.h"

#include <toml++/toml.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <sstream>
#include <string>

namespace {

void quote(std::ostream &out, std::string_view text) {
  static const char digits[] = "0123456789abcdef";
  out << '"';
  for (unsigned char byte : text) {
    if (byte == '"' || byte == '\\') {
      out << '\\' << byte;
    } else if (byte < 0x20) {
      out << "\\u00" << digits[byte >> 4] << digits[byte & 15];
    } else {
      out << byte;
    }
  }
  out << '"';
}

void write(std::ostream &out, const toml::node &node);

void write_table(std::ostream &out, const toml::table &table) {
  out << "\"table\":{";
  bool first = true;
  for (auto &&[key, value] : table) {
    if (!first) out << ',';
    first = false;
    quote(out, key.str());
    out << ':';
    write(out, value);
  }
  out << '}';
}

void write_array(std::ostream &out, const toml::array &array) {
  out << "\"array\":[";
  for (size_t index = 0; index < array.size(); index++) {
    if (index > 0) out << ',';
    write(out, array[index]);
  }
  out << ']';
}

void write(std::ostream &out, const toml::node &node) {
  out << "{\"line\":" << node.source().begin.line << ',';
  if (auto table = node.as_table()) {
    write_table(out, *table);
  } else if (auto array = node.as_array()) {
    write_array(out, *array);
  } else if (auto string = node.as_string()) {
    out << "\"string\":";
    quote(out, string->get());
  } else if (auto integer = node.as_integer()) {
    out << "\"integer\":" << integer->get();
  } else if (auto number = node.as_floating_point(); number && std::isfinite(number->get())) {
    out << "\"number\":" << number->get();
  } else if (auto boolean = node.as_boolean()) {
    out << "\"boolean\":" << (boolean->get() ? "true" : "false");
  } else {
    std::ostringstream text;
    node.visit([&](auto &&value) { text << value; });
    out << "\"other\":";
    quote(out, text.str());
  }
  out << '}';
}

}  // namespace

struct ctoml_result ctoml_parse(const char *text, size_t length) {
  struct ctoml_result result = {nullptr, nullptr, 0, 0};
  try {
    const toml::table document = toml::parse(std::string_view(text, length));
    std::ostringstream out;
    out.precision(17);
    write(out, document);
    result.json = strdup(out.str().c_str());
  } catch (const toml::parse_error &error) {
    result.error = strdup(std::string(error.description()).c_str());
    result.line = static_cast<int>(error.source().begin.line);
    result.column = static_cast<int>(error.source().begin.column);
  } catch (const std::exception &error) {
    result.error = strdup(error.what());
  } catch (...) {
    result.error = strdup("the document cannot be read");
  }
  return result;
}

void ctoml_free(struct ctoml_result result) {
  free(result.json);
  free(result.error);
}
