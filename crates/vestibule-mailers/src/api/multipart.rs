//! Forms of several parts (RFC 7578), of text alone.

/// Fields in the order in which they were added.
#[derive(Default)]
pub(super) struct Multipart<'a>(Vec<(&'static str, &'a str)>);

impl<'a> Multipart<'a> {
    pub(super) fn add(&mut self, name: &'static str, value: &'a str) {
        self.0.push((name, value));
    }

    /// The value of the header `Content-Type`, and the body.
    pub(super) fn finish(self) -> (String, String) {
        let boundary = self.boundary();
        let mut body = String::new();
        for (name, value) in self.0 {
            body.extend(["--", &boundary, "\r\nContent-Disposition: form-data; name=\"", name, "\"\r\n\r\n"]);
            body.extend([value, "\r\n"]);
        }
        body.extend(["--", &boundary, "--\r\n"]);
        (format!("multipart/form-data; boundary={boundary}"), body)
    }

    /// A line that is in none of the values.
    fn boundary(&self) -> String {
        let mut boundary = "vestibule".to_owned();
        while self.0.iter().any(|(_, value)| value.contains(&boundary)) {
            boundary.push('-');
        }
        boundary
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_parts_between_boundaries() {
        let mut form = Multipart::default();
        form.add("to", "ada@example.com");
        form.add("text", "one\ntwo");

        let (kind, body) = form.finish();

        assert_eq!(kind, "multipart/form-data; boundary=vestibule");
        assert_eq!(
            body,
            "--vestibule\r\nContent-Disposition: form-data; name=\"to\"\r\n\r\nada@example.com\r\n\
             --vestibule\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\none\ntwo\r\n\
             --vestibule--\r\n"
        );
    }

    #[test]
    fn a_value_cannot_end_its_part() {
        let mut form = Multipart::default();
        form.add("text", "--vestibule--");

        assert!(form.finish().0.ends_with("boundary=vestibule---"));
    }
}
