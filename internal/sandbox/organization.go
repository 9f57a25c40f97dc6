package sandbox

// Organization is who a certificate is issued to (cps-api, section 4.4).
type Organization struct {
	ID                 int64     `json:"id"`
	CompanyName        string    `json:"company_name"`
	CompanyAddress     string    `json:"company_address"`
	CompanyAddress2    *string   `json:"company_address2"`
	City               string    `json:"city"`
	State              *string   `json:"state"`
	ZipCode            *string   `json:"zip_code"`
	Country            string    `json:"country"`
	OrganizationalUnit *string   `json:"organizational_unit"`
	ContactFirstName   string    `json:"contact_first_name"`
	ContactLastName    string    `json:"contact_last_name"`
	ContactEmail       string    `json:"contact_email"`
	ContactPhone       string    `json:"contact_phone"`
	ContactTitle       *string   `json:"contact_title"`
	AdditionalContacts []Contact `json:"additional_contacts"`
}

// Contact is a further person of an organization.
type Contact struct {
	ID          int64  `json:"id"`
	ContactType string `json:"contact_type"`
	FirstName   string `json:"first_name"`
	LastName    string `json:"last_name"`
	Email       string `json:"email"`
	Phone       string `json:"phone"`
	Title       string `json:"title"`
}

// Notification is one setting (cps-api, section 3.7).
type Notification struct {
	Type    string   `json:"notification_type"`
	Enabled bool     `json:"enabled"`
	Emails  []string `json:"emails"`
}
